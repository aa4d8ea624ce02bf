{{/* Whoever made the owner of a workload was told; and what is being deleted shall go. */}}
{{- define "eci-ram-role-webhook.workloadConditions" -}}
- name: is-not-being-deleted
  expression: "!has(object.metadata.deletionTimestamp)"
- name: has-no-controlling-owner
  expression: "!object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))"
{{- end }}

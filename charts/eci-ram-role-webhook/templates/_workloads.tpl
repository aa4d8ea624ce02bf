{{/* Whoever made the owner of a workload was told; and what is being deleted shall go. */}}
{{- define "eci-ram-role-webhook.workloadConditions" -}}
- name: is-not-being-deleted
  expression: "!has(object.metadata.deletionTimestamp)"
- name: has-no-controlling-owner
  expression: "!object.metadata.?ownerReferences.orValue([]).exists(owner, owner.?controller.orValue(false))"
{{- end }}

{{/* The API groups of custom kinds that the cluster does not serve, as a JSON list. */}}
{{- define "eci-ram-role-webhook.unservedGroups" -}}
{{- $served := dict }}
{{- range .Capabilities.APIVersions }}
{{- $_ := set $served (splitList "/" . | first) true }}
{{- end }}
{{- $unserved := list }}
{{- if ne (include "eci-ram-role-webhook.action" .Values.workloads.action) "Off" }}
{{- range .Values.workloads.customKinds }}
{{- range .apiGroups }}
{{- if not (hasKey $served .) }}
{{- $unserved = append $unserved . }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- $unserved | uniq | toJson }}
{{- end }}

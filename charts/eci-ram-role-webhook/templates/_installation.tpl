{{/*
The objects that the server checks, as a JSON list: those of the templates without their labels and caBundle. An object of
the API must have everything that is here; null stands for what it must not have.
*/}}
{{- define "eci-ram-role-webhook.installation" -}}
{{- $fullname := include "eci-ram-role-webhook.fullname" . }}
{{- $files := list
  "mutatingwebhookconfiguration"
  "validatingwebhookconfiguration"
  "validatingadmissionpolicy"
  "validatingadmissionpolicybinding"
  "validatingadmissionpolicy-creation-lock"
  "validatingadmissionpolicybinding-creation-lock"
  "validatingadmissionpolicybinding-delegations"
}}
{{- $objects := list }}
{{- range $files }}
{{- range regexSplit "(?m)^---$" (include (printf "%s/%s.yaml" $.Template.BasePath .) $) -1 }}
{{- with fromYaml . }}
{{- $_ := unset .metadata "labels" }}
{{- range .webhooks }}
{{- $_ := unset .clientConfig "caBundle" }}
{{- end }}
{{- $objects = append $objects . }}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.delegations }}
{{- /* The whole policy may be larger than a ConfigMap. */ -}}
{{- $policy := dict "kind" "ValidatingAdmissionPolicy" "metadata" (dict "name" (printf "%s-delegations" $fullname)) }}
{{- $objects = append $objects $policy }}
{{- end }}
{{- if eq .Values.tls.mode "self-managed" }}
{{- $metadata := dict "name" (include "eci-ram-role-webhook.tlsSecretName" .) "namespace" .Release.Namespace "finalizers" nil }}
{{- $objects = append $objects (dict "kind" "Secret" "metadata" $metadata "immutable" nil) }}
{{- end }}
{{- $objects | toJson }}
{{- end }}

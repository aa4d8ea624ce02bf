{{/* Fails where an argument would make the server do otherwise than the values say that other objects are rendered by. */}}
{{- define "eci-ram-role-webhook.checkExtraArgs" -}}
{{- $owned := dict "--injectors-action" "injectors.action" "--workloads-action" "workloads.action" "--excluded-namespaces" "validatingWebhook.excludedNamespaces" "--unmutated-namespaces" "mutatingWebhook.excludedNamespaces" "--source" "source" "--tls-mode" "tls.mode" }}
{{- range $index, $argument := .Values.extraArgs }}
{{- with get $owned (splitList "=" $argument | first) }}
{{- fail (printf "extraArgs[%d]: expected no argument that a value gives, found %s; set %s" $index (toJson $argument) .) }}
{{- end }}
{{- end }}
{{- end }}

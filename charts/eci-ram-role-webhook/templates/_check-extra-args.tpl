{{/* Fails where an argument would make the server do otherwise than the values say that other objects are rendered by, or that decide pods. */}}
{{- define "eci-ram-role-webhook.checkExtraArgs" -}}
{{- $owned := dict
  "--allowlists" "allowlists"
  "--bind-address" "bindAddress"
  "--delegations" "delegations"
  "--drain-delay" "drainDelaySeconds"
  "--eci-detection" "eciDetection"
  "--excluded-namespaces" "validatingWebhook.excludedNamespaces"
  "--injectors-action" "injectors.action"
  "--installation-file" "source"
  "--max-allowlist-entries" "maxAllowlistEntries"
  "--own-metadata-kinds" "workloads.customKinds"
  "--probe-port" "probePort"
  "--protected-roles" "protectedRoles"
  "--secure-port" "securePort"
  "--service-name" "fullnameOverride"
  "--source" "source"
  "--tls-cert-file" "tls.existingSecret"
  "--tls-mode" "tls.mode"
  "--tls-private-key-file" "tls.existingSecret"
  "--tls-secret-name" "tls.existingSecret"
  "--unlisted-namespaces" "unlistedNamespaces"
  "--unmutated-namespaces" "mutatingWebhook.excludedNamespaces"
  "--webhook-configuration-name" "fullnameOverride"
  "--workloads-action" "workloads.action"
}}
{{- range $index, $argument := .Values.extraArgs }}
{{- with get $owned (splitList "=" $argument | first) }}
{{- fail (printf "extraArgs[%d]: expected no argument that a value gives, found %s; set %s" $index (toJson $argument) .) }}
{{- end }}
{{- end }}
{{- end }}

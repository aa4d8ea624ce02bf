{{/* The parts of an alert beside its condition, of a list: the context, the name, the severity, the summary, the description. */}}
{{- define "eci-ram-role-webhook.alert" -}}
{{- $context := index . 0 }}
{{- $name := index . 1 }}
{{- $release := printf "Release %s in namespace %s." $context.Release.Name $context.Release.Namespace }}
alert: {{ $name }}
labels:
  severity: {{ index . 2 }}
  # Expressions that aggregate lose them.
  namespace: {{ $context.Release.Namespace | quote }}
  job: {{ include "eci-ram-role-webhook.metricsServiceName" $context | quote }}
annotations:
  summary: {{ index . 3 | quote }}
  description: {{ printf "%s %s" (index . 4) $release | quote }}
  runbook_url: {{ printf "%s#%s" $context.Values.metrics.prometheusRule.runbook (lower $name) | quote }}
{{- end }}

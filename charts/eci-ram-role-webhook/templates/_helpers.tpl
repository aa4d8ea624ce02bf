{{/* The chart's name, as a label and a part of names. A parent chart may give it an alias of other characters. */}}
{{- define "eci-ram-role-webhook.name" -}}
{{- default .Chart.Name .Values.nameOverride | lower | replace "_" "-" | trunc 63 | trimAll "-" }}
{{- end }}

{{/*
The name of most objects; the release's name once where that holds the chart's name already. It is the name of a Service too, which
has no dots and begins with a letter.
*/}}
{{- define "eci-ram-role-webhook.fullname" -}}
{{- $name := include "eci-ram-role-webhook.name" . }}
{{- $fullname := printf "%s-%s" .Release.Name $name }}
{{- if .Values.fullnameOverride }}
{{- $fullname = .Values.fullnameOverride }}
{{- else if contains $name .Release.Name }}
{{- $fullname = .Release.Name }}
{{- end }}
{{- regexReplaceAll "^([0-9])" $fullname "release-${1}" | replace "." "-" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* One map of a list of maps; a later one counts before an earlier one. */}}
{{- define "eci-ram-role-webhook.mergedMaps" -}}
{{- $merged := dict }}
{{- range $map := . }}
{{- range $key, $value := $map }}
{{- $_ := set $merged $key $value }}
{{- end }}
{{- end }}
{{- toYaml $merged }}
{{- end }}

{{/* The labels that identify the objects of a component: webhook, metrics or test. */}}
{{- define "eci-ram-role-webhook.componentLabels" -}}
app.kubernetes.io/name: {{ include "eci-ram-role-webhook.name" .context | quote }}
app.kubernetes.io/instance: {{ .context.Release.Name | quote }}
app.kubernetes.io/component: {{ .component | quote }}
{{- end }}

{{/* What never changes for a release, so that it can select the server's pods. */}}
{{- define "eci-ram-role-webhook.selectorLabels" -}}
{{- include "eci-ram-role-webhook.componentLabels" (dict "context" . "component" "webhook") }}
{{- end }}

{{/* The labels of an object of a component, with labels of its own. */}}
{{- define "eci-ram-role-webhook.labelsOf" -}}
{{- $release := dict
  "app.kubernetes.io/version" .context.Chart.AppVersion
  "app.kubernetes.io/managed-by" .context.Release.Service
  "helm.sh/chart" (printf "%s-%s" (include "eci-ram-role-webhook.name" .context) .context.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
}}
{{- $component := include "eci-ram-role-webhook.componentLabels" . | fromYaml }}
{{- list .context.Values.commonLabels .labels $release $component | include "eci-ram-role-webhook.mergedMaps" }}
{{- end }}

{{- define "eci-ram-role-webhook.labels" -}}
{{- dict "context" . "component" "webhook" | include "eci-ram-role-webhook.labelsOf" }}
{{- end }}

{{/* The labels of helm test's objects: not those that select the server's pods. */}}
{{- define "eci-ram-role-webhook.testLabels" -}}
{{- dict "context" . "component" "test" | include "eci-ram-role-webhook.labelsOf" }}
{{- end }}

{{/* Selects the Service of the metrics: its labels are not those of the Service that the API server calls. */}}
{{- define "eci-ram-role-webhook.metricsSelectorLabels" -}}
{{- include "eci-ram-role-webhook.componentLabels" (dict "context" . "component" "metrics") }}
{{- end }}

{{/* Its name, which Prometheus Operator makes the label job. Cut, because the name of a Service has at most 63 characters. */}}
{{- define "eci-ram-role-webhook.metricsServiceName" -}}
{{- printf "%s-metrics" (include "eci-ram-role-webhook.fullname" . | trunc 55 | trimSuffix "-") }}
{{- end }}

{{- define "eci-ram-role-webhook.image" -}}
{{- with .Values.image }}
{{- if .digest }}
{{- printf "%s@%s" .repository .digest }}
{{- else }}
{{- printf "%s:%s" .repository (default $.Chart.AppVersion .tag) }}
{{- end }}
{{- end }}
{{- end }}

{{- define "eci-ram-role-webhook.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "eci-ram-role-webhook.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{/* The Secret that holds the serving certificate. Each mode has its own, so that one can be changed for another. */}}
{{- define "eci-ram-role-webhook.tlsSecretName" -}}
{{- if eq .Values.tls.mode "existing-secret" }}
{{- required "tls.existingSecret: expected the name of a Secret with tls.crt and tls.key, found nothing, though tls.mode is existing-secret" .Values.tls.existingSecret }}
{{- else if eq .Values.tls.mode "cert-manager" }}
{{- printf "%s-certificate" (include "eci-ram-role-webhook.fullname" .) }}
{{- else }}
{{- printf "%s-tls" (include "eci-ram-role-webhook.fullname" .) }}
{{- end }}
{{- end }}

{{/* "true" where the server calls the API server: to read allowlists, or to publish its CA. */}}
{{- define "eci-ram-role-webhook.callsApiServer" -}}
{{- if or (eq .Values.source "cluster") (eq .Values.tls.mode "self-managed") }}true{{ end }}
{{- end }}

{{/* How the API server reaches a path of ours. */}}
{{- define "eci-ram-role-webhook.clientConfig" -}}
service:
  name: {{ include "eci-ram-role-webhook.fullname" .context | quote }}
  namespace: {{ .context.Release.Namespace | quote }}
  path: {{ .path | quote }}
  port: 443
{{- with .caBundle }}
caBundle: {{ . | quote }}
{{- end }}
{{- end }}

{{/* By a label that the API server sets, and tenants cannot. */}}
{{- define "eci-ram-role-webhook.allNamespacesBut" -}}
{{- if . -}}
matchExpressions:
  - key: kubernetes.io/metadata.name
    operator: NotIn
    values: {{ toYaml . | nindent 6 }}
{{- else -}}
{}
{{- end }}
{{- end }}

{{/* A list as JSON. The release's own pods must start while no replica is up. */}}
{{- define "eci-ram-role-webhook.unmutatedNamespaces" -}}
{{- append .Values.mutatingWebhook.excludedNamespaces .Release.Namespace | uniq | toJson -}}
{{- end }}

{{- define "eci-ram-role-webhook.webhookAnnotations" -}}
{{- if eq .context.Values.tls.mode "cert-manager" }}
cert-manager.io/inject-ca-from: {{ printf "%s/%s" .context.Release.Namespace (include "eci-ram-role-webhook.fullname" .context) | quote }}
{{- end }}
{{- if include "eci-ram-role-webhook.keepsBundle" . }}
eci-ram-role.io/keeps-ca-bundle: "true"
{{- end }}
{{- end }}

{{- define "eci-ram-role-webhook.containerSecurityContext" -}}
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
readOnlyRootFilesystem: true
{{- end }}

{{- define "eci-ram-role-webhook.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* The objects that both sources are made of: a spec under its name. */}}
{{- define "eci-ram-role-webhook.allowlist" -}}
apiVersion: eci-ram-role.io/v1alpha1
kind: RamRoleAllowlist
metadata:
  name: {{ .name | quote }}
  {{- with .labels }}
  labels: {{ . | nindent 4 }}
  {{- end }}
spec: {{ toYaml .spec | nindent 2 }}
{{- end }}

{{/* An action as it is written; to YAML a bare Off is false. */}}
{{- define "eci-ram-role-webhook.action" -}}
{{- if kindIs "bool" . }}Off{{ else }}{{ . }}{{ end }}
{{- end }}

{{/* A role no pod may have: a protected one, which is refused always, else a text that no role is called. */}}
{{- define "eci-ram-role-webhook.impossibleRole" -}}
{{- if .Values.protectedRoles }}
{{- first .Values.protectedRoles | replace "*" "test" }}
{{- else -}}
no/role
{{- end }}
{{- end }}

{{/*
The fields of an allowlist's spec that a delegated team may set: those of the CRD, but for the selector, which could select the
namespaces of others.
*/}}
{{- define "eci-ram-role-webhook.delegatedFields" -}}
{{- $crd := .Files.Get "crds/ramroleallowlists.yaml" | fromYaml -}}
{{- $schema := (index $crd.spec.versions 0).schema.openAPIV3Schema -}}
{{- without (keys $schema.properties.spec.properties | sortAlpha) "namespaceSelector" | toJson -}}
{{- end }}

{{/* A CEL text, cut to the length that a message has room for. */}}
{{- define "eci-ram-role-webhook.celCut" -}}
{{ . }}.substring(0, {{ . }}.size() < 300 ? {{ . }}.size() : 300)
{{- end }}

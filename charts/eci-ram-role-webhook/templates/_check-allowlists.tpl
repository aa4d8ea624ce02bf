{{/*
Fails where the schema of an allowlist's fields is not enough. With source file the server would not start with such an allowlist,
and a first installation that fails leaves the registration in force.
*/}}
{{- define "eci-ram-role-webhook.checkAllowlists" -}}
{{- range $name, $spec := .Values.allowlists }}
{{- $path := printf "allowlists.%s" $name }}
{{- $hasSelector := hasKey $spec "namespaceSelector" }}
{{- if eq $hasSelector (hasKey $spec "namespaces") }}
{{- fail (printf "%s: expected exactly one of namespaces and namespaceSelector, found %s" $path (ternary "both" "neither" $hasSelector)) }}
{{- end }}
{{- if and $hasSelector (eq $.Values.source "file") }}
{{- fail (printf "%s.namespaceSelector: expected namespaces by name, found a selector: with source=file the server knows no labels of namespaces" $path) }}
{{- end }}
{{- range $index, $requirement := dig "namespaceSelector" "matchExpressions" list $spec }}
{{- if ne (hasSuffix "In" $requirement.operator) (gt (len ($requirement.values | default list)) 0) }}
{{- fail (printf "%s.namespaceSelector.matchExpressions[%d].values: expected at least one value for In and NotIn, none for Exists and DoesNotExist" $path $index) }}
{{- end }}
{{- end }}
{{- with $spec.defaultRole }}
{{- if not (include "eci-ram-role-webhook.matchesOne" (dict "patterns" $spec.roles "text" .)) }}
{{- fail (printf "%s.defaultRole: expected a role that an entry of roles matches, found %s" $path (toJson .)) }}
{{- end }}
{{- if include "eci-ram-role-webhook.matchesOne" (dict "patterns" ($.Values.protectedRoles | join " " | lower | splitList " ") "text" (lower .)) }}
{{- fail (printf "%s.defaultRole: expected a role that is not among protectedRoles, found %s" $path (toJson .)) }}
{{- end }}
{{- end }}
{{- if and $spec.expiresAt (not $spec.reason) }}
{{- fail (printf "%s.reason: expected a reason, since expiresAt is set, found none" $path) }}
{{- end }}
{{- end }}
{{- end }}

{{/* "true" where one of some patterns matches a text; * stands for any number of characters. */}}
{{- define "eci-ram-role-webhook.matchesOne" -}}
{{- range $pattern := .patterns }}
{{- if regexMatch (regexQuoteMeta $pattern | replace "\\*" ".*" | printf "^%s$") $.text }}true{{ end }}
{{- end }}
{{- end }}

{{/* Fails where a delegation could not work, would confine those who delegate, or would give one team another's lists. */}}
{{- define "eci-ram-role-webhook.checkDelegations" -}}
{{- $delegations := .Values.delegations }}
{{- if and $delegations (eq .Values.source "file") }}
{{- fail (printf "delegations: expected none while source is file, for there are then no lists in the cluster that anybody could write; found %d" (len $delegations)) }}
{{- end }}
{{- $shares := dict }}
{{- range $delegations }}
{{- $_ := set $shares .listNamePrefix (max (get $shares .listNamePrefix | int64) (.maxEntries | int64)) }}
{{- end }}
{{- $maxEntries := int64 .Values.maxAllowlistEntries }}
{{- $total := 0 }}
{{- range $shares }}
{{- $total = add $total (. | default (div $maxEntries (max 10 (len $shares | add 1)))) }}
{{- end }}
{{- if and $delegations (ge $total $maxEntries) }}
{{- fail (printf "delegations: expected fewer maxEntries together than maxAllowlistEntries, which is %d, found %d" $maxEntries $total) }}
{{- end }}
{{- range $index, $delegation := $delegations }}
{{- range $position, $group := $delegation.groups }}
{{- $isOneNamespace := and (hasPrefix "system:serviceaccounts:" $group) (ne $group "system:serviceaccounts:kube-system") }}
{{- if and (hasPrefix "system:" $group) (not $isOneNamespace) }}
{{- fail (printf "delegations[%d].groups[%d]: expected a group of one team, or system:serviceaccounts:NAMESPACE of one, since members can write nothing but what is delegated; found %s" $index $position (toJson $group)) }}
{{- end }}
{{- end }}
{{- range $other, $earlier := slice $delegations 0 $index }}
{{- $overlaps := or (hasPrefix $earlier.listNamePrefix $delegation.listNamePrefix) (hasPrefix $delegation.listNamePrefix $earlier.listNamePrefix) }}
{{- if and $overlaps (ne (sortAlpha $earlier.groups | toJson) (sortAlpha $delegation.groups | toJson)) }}
{{- fail (printf "delegations[%d].listNamePrefix: expected one that neither begins with %s nor begins it, since delegations[%d] has other groups, and each could change and delete the other's lists; found %s" $index (toJson $earlier.listNamePrefix) $other (toJson $delegation.listNamePrefix)) }}
{{- end }}
{{- end }}
{{- range $name, $_ := $.Values.allowlists }}
{{- if hasPrefix $delegation.listNamePrefix $name }}
{{- fail (printf "allowlists.%s: expected a name that does not begin with %s, found one that does, so that the groups of delegations[%d] could change and delete the list" $name (toJson $delegation.listNamePrefix) $index) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

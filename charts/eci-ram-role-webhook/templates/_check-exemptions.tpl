{{/* Fails where an exemption from the creation lock would leave nothing that judges what is written, or would be everybody's. */}}
{{- define "eci-ram-role-webhook.checkExemptions" -}}
{{- $everybody := list "system:anonymous" "system:authenticated" "system:unauthenticated" "system:serviceaccounts" }}
{{- $action := include "eci-ram-role-webhook.action" .Values.injectors.action }}
{{- range $path, $names := pick .Values.creationLock "exemptUsernames" "exemptGroups" }}
{{- if and $names (ne $action "Deny") }}
{{- fail (printf "creationLock.%s: expected none while injectors.action is %s, for only Deny keeps what an exempt identity writes to allowed roles; found %s" $path $action (toJson $names)) }}
{{- end }}
{{- range $index, $name := $names }}
{{- if has $name $everybody }}
{{- fail (printf "creationLock.%s[%d]: expected one identity or a group of few, found %s, which is everybody" $path $index (toJson $name)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

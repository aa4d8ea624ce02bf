{{/*
What an upgrade finds in the cluster. Replicas of the former TLS mode answer beside the new ones for a while, so the registered
caBundle must trust both all the time, in whatever order Helm changes the objects. helm template finds nothing.
*/}}

{{/* The release's Deployment and its registration, as JSON: name, label, mode, secret, caBundle, keepsBundle, failurePolicy; {} if there is none. */}}
{{- define "eci-ram-role-webhook.installed" -}}
{{- $installed := dict }}
{{- range (lookup "apps/v1" "Deployment" .Release.Namespace "").items }}
{{- $args := (first .spec.template.spec.containers).args | join " " }}
{{- $release := dig "metadata" "annotations" "meta.helm.sh/release-name" "" . }}
{{- if and (eq $release $.Release.Name) (contains "--unlisted-namespaces=" $args) }}
{{- $secret := "" }}
{{- range .spec.template.spec.volumes }}
{{- $secret = dig "secret" "secretName" $secret . }}
{{- end }}
{{- $ofCertManager := eq $secret (printf "%s-certificate" .metadata.name) }}
{{- $mode := ternary "self-managed" (ternary "cert-manager" "existing-secret" $ofCertManager) (contains "--tls-mode=self-managed" $args) }}
{{- $label := index .spec.selector.matchLabels "app.kubernetes.io/name" }}
{{- $installed = dict "name" .metadata.name "label" $label "mode" $mode "secret" $secret }}
{{- end }}
{{- end }}
{{- if $installed }}
{{- $registered := lookup "admissionregistration.k8s.io/v1" "ValidatingWebhookConfiguration" "" $installed.name }}
{{- $_ := set $installed "keepsBundle" (dig "metadata" "annotations" "eci-ram-role.io/keeps-ca-bundle" "" $registered) }}
{{- range $registered.webhooks }}
{{- if eq .name "validate-pods.eci-ram-role.io" }}
{{- $_ := set $installed "failurePolicy" .failurePolicy }}
{{- $_ := set $installed "caBundle" (.clientConfig.caBundle | default "") }}
{{- end }}
{{- end }}
{{- end }}
{{- toJson $installed }}
{{- end }}

{{/*
"true" where the registered caBundle is rendered though others fill it in: Helm has rendered it in existing-secret mode, and would
remove what it then finds no more in the chart.
*/}}
{{- define "eci-ram-role-webhook.keepsBundle" -}}
{{- if and .installed (ne .context.Values.tls.mode "existing-secret") }}
{{- if or .installed.keepsBundle (eq .installed.mode "existing-secret") }}true{{ end }}
{{- end }}
{{- end }}

{{/* The caBundle to register, in base64; empty where others fill it in. */}}
{{- define "eci-ram-role-webhook.caBundle" -}}
{{- with .context.Values.tls }}
{{- if include "eci-ram-role-webhook.keepsBundle" $ }}
{{- $.installed.caBundle }}
{{- else if eq .mode "existing-secret" }}
{{- $given := required "tls.caBundle: expected the PEM of the CA that signed the Secret's certificate, found nothing, though tls.mode is existing-secret" .caBundle }}
{{- if not $.installed }}
{{- b64enc $given }}
{{- else if ne $.installed.mode .mode }}
{{- $.installed.caBundle }}
{{- else if ne $.installed.secret .existingSecret }}
{{- printf "%s\n%s" $given (b64dec $.installed.caBundle) | b64enc }}
{{- else }}
{{- b64enc $given }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Fails where an upgrade would leave a certificate that the API server does not trust, and names the steps that work. */}}
{{- define "eci-ram-role-webhook.checkUpgrade" -}}
{{- $fullname := include "eci-ram-role-webhook.fullname" . }}
{{- $mode := .Values.tls.mode }}
{{- with include "eci-ram-role-webhook.installed" . | fromJson }}
{{- if ne .name $fullname }}
{{- if has "Fail" (list .failurePolicy $.Values.validatingWebhook.failurePolicy) }}
{{- fail (printf "fullnameOverride: expected the name of the installed objects, %s, found %s: pods with a role would be rejected until the new replicas are ready. Upgrade with the old name and validatingWebhook.failurePolicy=Ignore first, then with the new name; see docs/install.md#another-name" .name $fullname) }}
{{- end }}
{{- else if ne .label (include "eci-ram-role-webhook.name" $) }}
{{- fail (printf "nameOverride: expected the name in the labels of the installed pods, %s, found %s: a Deployment cannot select other pods, and the Service would find none. Change fullnameOverride too; see docs/install.md#another-name" .label (include "eci-ram-role-webhook.name" $)) }}
{{- else if and (ne .mode $mode) (eq $mode "cert-manager") }}
{{- if or (ne .mode "existing-secret") (not $.Values.tls.certManager.issuerRef.name) }}
{{- fail (printf "tls.mode: expected %s as it is installed, found cert-manager: the API server would not trust the old replicas. Change to existing-secret first, with a certificate of your issuer, then to cert-manager with tls.certManager.issuerRef.name; see docs/install.md#from-one-mode-to-another" .mode) }}
{{- end }}
{{- else if and (ne .mode $mode) (eq $mode "existing-secret") }}
{{- $registered := regexReplaceAll "\\s" (b64dec .caBundle) "" }}
{{- range regexFindAll "-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----" $.Values.tls.caBundle -1 }}
{{- if not (contains (regexReplaceAll "\\s" . "") $registered) }}
{{- fail "tls.caBundle: expected CAs that the registered caBundle has already, found another: the API server would not trust the new replicas. Add it to the registered caBundle first; see docs/install.md#from-one-mode-to-another" }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

/** The YAML of an allowlist; what is given stands in place of what is usual, or below it. */
export function allowlistYaml({
  name = 'payments',
  namespaces = '[payments]',
  roles = '[payments-reader]',
  rest = '',
}: Readonly<{ name?: string; namespaces?: string; roles?: string; rest?: string }> = {}): string {
  return `apiVersion: eci-ram-role.io/v1alpha1
kind: RamRoleAllowlist
metadata:
  name: ${name}
spec:
  namespaces: ${namespaces}
  roles: ${roles}
${rest}`;
}

import type { Users } from './users.ts';

/**
 * A kubeconfig (in JSON, which is YAML without its surprises) with one context for each user, named as in Users; `currentContext` is what a client takes unless told
 * otherwise.
 */
export function formatKubeconfig(options: {
  serverUrl: string;
  caCertificate: string;
  users: Users;
  currentContext: keyof Users;
}): string {
  const names = Object.entries(options.users);
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: 'e2e',
          cluster: {
            server: options.serverUrl,
            'certificate-authority-data': Buffer.from(options.caCertificate).toString('base64'),
          },
        },
      ],
      users: names.map(([name, { token }]) => ({ name, user: { token } })),
      contexts: names.map(([name]) => ({ name, context: { cluster: 'e2e', user: name } })),
      'current-context': options.currentContext,
    },
    undefined,
    2,
  );
}

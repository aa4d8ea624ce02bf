import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runHelm } from '../../harness/run-helm.ts';
import { attempt } from '../support/kubectl-attempt.ts';
import type { HelmVersion, WebhookCluster } from '../support/webhook-cluster.ts';

/** Writes an allowlist and a workload of a namespace together, as a user does. */
export type Writer = Readonly<{
  name: string;
  /** Resolves to the errors and warnings that were printed. */
  write: (
    cluster: WebhookCluster,
    namespace: string,
    objects: Readonly<{ allowlist: object; others: readonly object[] }>,
  ) => Promise<string>;
  /** Whether the allowlist is created before the others. Helm creates kinds that it does not know last. */
  isAllowlistFirst: boolean;
  createsNamespace: boolean;
}>;

export const WRITERS: readonly Writer[] = [
  kubectlWriter('kubectl apply', []),
  kubectlWriter('kubectl apply --server-side', ['--server-side']),
  ...(['helm3', 'helm4'] as const).flatMap((version) => [
    helmWriter(version, version, {}),
    helmWriter(version, `${version} with the allowlist as a hook`, {
      'helm.sh/hook': 'pre-install,pre-upgrade',
    }),
  ]),
];

function kubectlWriter(name: string, flags: readonly string[]): Writer {
  return {
    ...{ name, isAllowlistFirst: true, createsNamespace: false },
    write: async (cluster, _, { allowlist, others }) => {
      const objects = [...others.slice(0, -1), allowlist, ...others.slice(-1)];
      const { error, warnings } = await attempt(cluster, ['apply', ...flags, '-f', '-'], objects);
      return withoutDefaults([error, ...warnings]);
    },
  };
}

/** A release of its own in the namespace. */
function helmWriter(version: HelmVersion, name: string, annotations: object): Writer {
  return {
    ...{ name, createsNamespace: true },
    isAllowlistFirst: Object.keys(annotations).length > 0,
    write: async ({ controlPlane }, namespace, { allowlist, others }) => {
      const chart = join(controlPlane.directory, `chart-${version}-${namespace}`);
      mkdirSync(join(chart, 'templates'), { recursive: true });
      writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: app\nversion: 0.1.0\n');
      const annotated = { ...allowlist, metadata: { name: namespace, annotations } };
      const manifests = [...others, annotated].map((object) => JSON.stringify(object));
      writeFileSync(join(chart, 'templates', 'all.yaml'), manifests.join('\n---\n'));
      const { code, stdout, stderr } = await runHelm(controlPlane, version, [
        ...['upgrade', '--install', 'app', chart, '--namespace', namespace, '--create-namespace'],
      ]);
      rmSync(chart, { recursive: true });
      // Helm 4 also logs warnings of its own watches.
      const warnings = stderr.split('\n').filter((line) => /warnings\.go.*Warning: /.test(line));
      return code === 0 ? withoutDefaults(warnings) : stdout + stderr;
    },
  };
}

/** That pods will get a default is no problem. */
function withoutDefaults(lines: readonly string[]): string {
  return lines.filter((line) => line !== '' && !line.includes('name no RAM role and will get')).join('\n');
}

import { podTemplate } from './manifests.ts';

type Template = ReturnType<typeof podTemplate>;

const selected = (template: Template, app: string) => ({ selector: { matchLabels: { app } }, template });
const neverRestarted = (template: Template) => ({
  ...template,
  spec: { ...template.spec, restartPolicy: 'Never' },
});

const KINDS = {
  Deployment: { apiVersion: 'apps/v1', toSpec: selected },
  ReplicaSet: { apiVersion: 'apps/v1', toSpec: selected },
  StatefulSet: {
    apiVersion: 'apps/v1',
    toSpec: (template: Template, app: string) => ({ ...selected(template, app), serviceName: app }),
  },
  DaemonSet: { apiVersion: 'apps/v1', toSpec: selected },
  ReplicationController: {
    apiVersion: 'v1',
    toSpec: (template: Template, app: string) => ({ selector: { app }, template }),
  },
  Job: { apiVersion: 'batch/v1', toSpec: (template: Template) => ({ template: neverRestarted(template) }) },
  CronJob: {
    apiVersion: 'batch/v1',
    toSpec: (template: Template) => ({
      schedule: '* * * * *',
      jobTemplate: { spec: { template: neverRestarted(template) } },
    }),
  },
};

/** The kinds of Kubernetes itself whose controllers create pods. */
export type WorkloadKind = keyof typeof KINDS;

export const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  ...([
    'Deployment',
    'ReplicaSet',
    'StatefulSet',
    'DaemonSet',
    'ReplicationController',
    'Job',
    'CronJob',
  ] as const),
];

/** A workload whose pods have the label `app` with its name, and name a role, or none. */
export function workload(
  kind: WorkloadKind,
  name: string,
  namespace: string,
  role: string | undefined,
): object {
  const { apiVersion, toSpec } = KINDS[kind];
  return { apiVersion, kind, metadata: { name, namespace }, spec: toSpec(podTemplate(role, name), name) };
}

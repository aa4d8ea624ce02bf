import { podTemplate } from './manifests.ts';

type Template = ReturnType<typeof podTemplate>;

/** A kind whose controller creates pods by a template, and an object of it. */
export type WorkloadKind = Readonly<{
  kind: string;
  toObject: (app: string, namespace: string, role: string | undefined) => object;
}>;

/** The kinds of Kubernetes that create pods. */
export const WORKLOAD_KINDS: readonly [WorkloadKind, ...WorkloadKind[]] = [
  controlled('Deployment', 'apps/v1', selected),
  controlled('ReplicaSet', 'apps/v1', selected),
  controlled('StatefulSet', 'apps/v1', (template, app) => ({ ...selected(template, app), serviceName: app })),
  controlled('DaemonSet', 'apps/v1', selected),
  controlled('ReplicationController', 'v1', (template, app) => ({ selector: { app }, template })),
  controlled('Job', 'batch/v1', (template) => ({ template: neverRestarted(template) })),
  controlled('CronJob', 'batch/v1', (template) => ({
    schedule: '* * * * *',
    jobTemplate: { spec: { template: neverRestarted(template) } },
  })),
];

function controlled(
  kind: string,
  apiVersion: string,
  toSpec: (template: Template, app: string) => object,
): WorkloadKind {
  return {
    kind,
    toObject: (app, namespace, role) => ({
      ...{ apiVersion, kind, metadata: { name: app, namespace } },
      spec: toSpec(podTemplate(role, app), app),
    }),
  };
}

function neverRestarted(template: Template) {
  return { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
}

function selected(template: Template, app: string) {
  return { selector: { matchLabels: { app } }, template };
}

// The pods keep to the restricted Pod Security Standard, whatever the values.
import assert from 'node:assert/strict';
import test from 'node:test';
import { z } from 'zod';
import { CASES } from './cases.ts';
import { type Manifest, OF_CLUSTER, render } from './helm.ts';

const FORBIDDEN = ['hostNetwork', 'hostPID', 'hostIPC', 'hostUsers', 'initContainers', 'ephemeralContainers'];
const VOLUMES = ['configMap', 'secret'];

const podSpec = z.looseObject({
  enableServiceLinks: z.literal(false),
  securityContext: z.strictObject({
    runAsNonRoot: z.literal(true),
    runAsUser: z.literal(65_532),
    runAsGroup: z.literal(65_532),
    seccompProfile: z.strictObject({ type: z.literal('RuntimeDefault') }),
  }),
  containers: z.array(
    z.looseObject({
      ports: z.array(z.strictObject({ name: z.string(), containerPort: z.number() })).optional(),
      securityContext: z.strictObject({
        allowPrivilegeEscalation: z.literal(false),
        capabilities: z.strictObject({ drop: z.tuple([z.literal('ALL')]) }),
        readOnlyRootFilesystem: z.literal(true),
      }),
    }),
  ),
  volumes: z.array(z.looseObject({ name: z.string() })).default([]),
});

const deploymentSpec = z.looseObject({ template: z.looseObject({ spec: podSpec }) });

for (const [name, values] of Object.entries(CASES)) {
  test(`every pod is restricted: ${name}`, () => {
    const specs = render(values, { flags: OF_CLUSTER }).flatMap(readPodSpec);
    assert.equal(specs.length, 2);
    for (const spec of specs) {
      assert.deepEqual(
        FORBIDDEN.filter((field) => field in spec),
        [],
      );
      const kinds = spec.volumes.flatMap((volume) => Object.keys(volume).filter((key) => key !== 'name'));
      assert.deepEqual(
        kinds.filter((kind) => !VOLUMES.includes(kind)),
        [],
      );
    }
  });
}

function readPodSpec({ kind, spec }: Manifest): readonly z.output<typeof podSpec>[] {
  switch (kind) {
    case 'Pod':
      return [podSpec.parse(spec)];
    case 'Deployment':
      return [deploymentSpec.parse(spec).template.spec];
    default:
      return [];
  }
}

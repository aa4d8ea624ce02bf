// Writes test/chart/schemas/kubernetes/: strict JSON schemas of the kinds the chart renders, from the OpenAPI of the API
// server that kubectl talks to. Needed only for a new kind or a newer Kubernetes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const DIRECTORY = join(import.meta.dirname, '../test/chart/schemas/kubernetes');

const KINDS: Readonly<Record<string, readonly string[]>> = {
  'api/v1': ['ConfigMap', 'Pod', 'Secret', 'Service', 'ServiceAccount'],
  'apis/admissionregistration.k8s.io/v1': [
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apis/apps/v1': ['Deployment'],
  'apis/networking.k8s.io/v1': ['NetworkPolicy'],
  'apis/policy/v1': ['PodDisruptionBudget'],
  'apis/rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
};

type Schema = Readonly<Record<string, unknown>>;
type Definitions = Readonly<Record<string, Schema>>;

const REFERENCE = '#/components/schemas/';

mkdirSync(DIRECTORY, { recursive: true });
for (const [path, kinds] of Object.entries(KINDS)) {
  const openApi = execFileSync('kubectl', ['get', '--raw', `/openapi/v3/${path}`], {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const definitions: Definitions = JSON.parse(openApi).components.schemas;
  for (const kind of kinds) {
    writeFileSync(
      join(DIRECTORY, fileName(path, kind)),
      `${JSON.stringify(buildSchema(definitions, kind))}\n`,
    );
  }
}

/** As kubeconform names them: kind, first word of the group, version. */
function fileName(path: string, kind: string): string {
  const [group = '', version] = path.replace(/^apis?\//, '').split('/');
  return [kind, ...(version === undefined ? [group] : [group.split('.')[0], version])]
    .join('-')
    .toLowerCase()
    .concat('.json');
}

/** One kind's schema and all it refers to. */
function buildSchema(definitions: Definitions, kind: string): Schema {
  const root = Object.keys(definitions).find((name) => name.endsWith(`.${kind}`));
  if (root === undefined) {
    throw new Error(`expected the API server to know ${kind}`);
  }
  const reached = new Map<string, unknown>();
  const visit = (name: string) => {
    if (!reached.has(name)) {
      reached.set(name, undefined);
      reached.set(name, toStrict(definitions[name] ?? {}, visit));
    }
  };
  visit(root);
  return { $ref: `#/definitions/${root}`, definitions: Object.fromEntries(reached) };
}

/** A schema as it validates, closed to fields it does not describe. */
function toStrict(schema: Schema, visit: (name: string) => void): Schema {
  const strict = (value: unknown) => (isObject(value) ? toStrict(value, visit) : value);
  const keywords = Object.entries(schema).flatMap(([keyword, value]): [string, unknown][] => {
    switch (keyword) {
      case '$ref': {
        const name = String(value).slice(REFERENCE.length);
        visit(name);
        return [[keyword, `#/definitions/${name}`]];
      }
      case 'properties':
        return [
          [keyword, isObject(value) ? mapValues(value, strict) : value],
          ['additionalProperties', false],
        ];
      case 'allOf':
      case 'oneOf':
        return [[keyword, Array.isArray(value) ? value.map(strict) : value]];
      case 'items':
      case 'additionalProperties':
        return [[keyword, strict(value)]];
      case 'type':
      case 'required':
      case 'enum':
        return [[keyword, value]];
      default:
        return [];
    }
  });
  return Object.fromEntries(keywords);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapValues(values: Schema, change: (value: unknown) => unknown): Schema {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, change(value)]));
}

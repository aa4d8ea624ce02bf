import { ROLE_ANNOTATION } from '../../src/admission/role-annotation.ts';
import { allowlistObject } from './allowlist-review.ts';
import { entryOf, profileOf } from './injector-edit.ts';
import { templateOf, workloadOf } from './workload.ts';

/** A body that costs a path much. */
export type WorstBody = Readonly<{
  path: string;
  name: string;
  /** Whether an API server could send it. */
  isLegal: boolean;
  /** Its JSON, of at most so many bytes. */
  build: (bytes: number) => string;
}>;

const ANY_PATH = ['/mutate-pods', '/validate-pods', '/validate-bindings'];
const PATHS = [...ANY_PATH, '/validate-workloads', '/validate-injectors', '/validate-allowlists'];

/** Characters that take long to fold, to escape, to search or to clean. */
export const COSTLY_CHARACTERS = ['a', '*', ' ', '\u017f', '\u200b', '\u{1f600}', '\u0001', '{{', '$(', '<'];

const RESOURCES: Readonly<Record<string, object>> = {
  '/mutate-pods': { resource: { group: '', resource: 'pods' } },
  '/validate-pods': { resource: { group: '', resource: 'pods' } },
  '/validate-bindings': { resource: { group: '', resource: 'pods' }, subResource: 'binding' },
  '/validate-workloads': { resource: { group: 'argoproj.io', resource: 'workflows' } },
  '/validate-injectors': { resource: { group: 'eci.aliyun.com', resource: 'selectors' } },
  '/validate-allowlists': { resource: { group: 'eci-ram-role.io', resource: 'ramroleallowlists' } },
};

function reviewOf(path: string, object: unknown, request: object = {}): string {
  return JSON.stringify({
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      ...{ uid: 'uid', namespace: 'payments', operation: 'CREATE', name: 'name' },
      ...RESOURCES[path],
      object,
      ...request,
    },
  });
}

const MIB = 1024 * 1024;
const SPACE_FOR_ENVELOPE = 2_000;

/** A text whose JSON has about so many bytes. */
export function textOf(unit: string, bytes: number): string {
  const size = Buffer.byteLength(JSON.stringify(unit)) - 2;
  return unit.repeat(Math.max(1, Math.floor((bytes - SPACE_FOR_ENVELOPE) / size)));
}

/** How many things of this cost are parsed in a body of this size. */
function countOf(cost: number, bytes: number): number {
  const budget = bytes <= 3 * MIB ? 98_000 * (bytes / (3 * MIB)) : 298_000;
  return Math.floor(budget / cost);
}

const list = <Item>(count: number, item: (index: number) => Item) =>
  Array.from({ length: count }, (_, index) => item(index));

const map = (count: number, prefix: string, value: unknown) =>
  Object.fromEntries(list(count, (index) => [`${prefix}${index.toString(36)}`, value]));

/** Where each path reads a text. */
export const TEXT_FIELDS: readonly Readonly<{
  path: string;
  field: string;
  put: (text: string) => string;
}>[] = [
  ...PATHS.flatMap((path) => [
    ...['uid', 'namespace', 'name', 'operation', 'subResource'].map((field) => ({
      path,
      field,
      put: (text: string) => reviewOf(path, objectOf(path), { [field]: text }),
    })),
    { path, field: 'kind', put: (text: string) => reviewOf(path, objectOf(path), { kind: { kind: text } }) },
  ]),
  ...ANY_PATH.flatMap((path) =>
    ['role', 'name', 'generateName', 'serviceAccountName', 'nodeName', 'key of an annotation'].map(
      (field) => ({
        path,
        field,
        put: (text: string) => reviewOf(path, podWith(field, text)),
      }),
    ),
  ),
  ...['role', 'serviceAccountName', 'key'].flatMap((field) =>
    ['/validate-workloads', 'deployments'].map((kind) => ({
      path: '/validate-workloads',
      field: `${field} of ${kind === 'deployments' ? 'a Deployment' : 'a Workflow'}`,
      put: (text: string) =>
        reviewOf(
          '/validate-workloads',
          workloadOf('Deployment', podWith(field, text)),
          kind === 'deployments' ? { resource: { group: 'apps', resource: 'deployments' } } : {},
        ),
    })),
  ),
  ...['role', 'label key', 'label value', 'name'].map((field) => ({
    path: '/validate-injectors',
    field: `${field} of a Selector`,
    put: (text: string) =>
      reviewOf('/validate-injectors', {
        metadata: { name: field === 'name' ? text : 's' },
        spec: selectorWith(field, text),
      }),
  })),
  {
    path: '/validate-injectors',
    field: 'selectors',
    put: (text) =>
      reviewOf('/validate-injectors', profileOf(text), {
        ...{ namespace: 'kube-system', name: 'eci-profile' },
        resource: { group: '', resource: 'configmaps' },
      }),
  },
  ...['contact', 'reason', 'expiresAt', 'defaultRole', 'violationAction', 'unknown'].map((field) => ({
    path: '/validate-allowlists',
    field,
    put: (text: string) => reviewOf('/validate-allowlists', allowlistObject({ [field]: text })),
  })),
  ...['namespaces', 'roles', 'serviceAccounts'].map((field) => ({
    path: '/validate-allowlists',
    field,
    put: (text: string) => reviewOf('/validate-allowlists', allowlistObject({ [field]: [text] })),
  })),
  {
    path: '/validate-allowlists',
    field: 'last-applied-configuration',
    put: (text) =>
      reviewOf(
        '/validate-allowlists',
        allowlistObject({}, { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': text } }),
      ),
  },
];

function podWith(field: string, text: string): object {
  const template = templateOf(field === 'role' ? text : 'reader', { spec: { [field]: text } });
  const isKey = field.startsWith('key');
  const annotations = { ...template.metadata.annotations, ...(isKey && { [text]: 'x' }) };
  return { ...template, metadata: { ...template.metadata, [field]: text, annotations } };
}

function selectorWith(field: string, text: string): object {
  const matchLabels = { [field === 'label key' ? text : 'team']: field === 'label value' ? text : 'a' };
  return {
    ...entryOf(field === 'role' ? text : 'reader', { name: text }),
    namespaceSelector: undefined,
    namespaceLabels: { matchLabels },
  };
}

function objectOf(path: string): unknown {
  switch (path) {
    case '/validate-workloads':
      return workloadOf('Workflow', templateOf('reader'));
    case '/validate-injectors':
      return { metadata: { name: 's' }, spec: entryOf('reader', { name: undefined }) };
    case '/validate-allowlists':
      return allowlistObject();
    default:
      return templateOf('reader');
  }
}

/** Of every path: as much as is parsed of all that V8 parses slowly. */
const ON_EVERY_PATH: readonly Omit<WorstBody, 'path'>[] = [
  {
    name: 'objects of new keys',
    isLegal: false,
    build: (bytes) => JSON.stringify(list(countOf(8, bytes), (index) => ({ [`k${index}`]: 1 }))),
  },
  {
    name: 'one object of new keys',
    isLegal: false,
    build: (bytes) => JSON.stringify(map(countOf(6, bytes), 'k', 1)),
  },
  {
    name: 'empty objects',
    isLegal: false,
    build: (bytes) => JSON.stringify(list(countOf(3, bytes), () => ({}))),
  },
  {
    name: 'texts',
    isLegal: false,
    build: (bytes) => JSON.stringify(list(countOf(1, bytes), (index) => `t${index}`)),
  },
  {
    name: 'a cost that is not parsed',
    isLegal: false,
    build: (bytes) => JSON.stringify(list(bytes / 10, (index) => index)),
  },
  { name: 'whitespace', isLegal: false, build: (bytes) => `[${' '.repeat(bytes - 2)}]` },
  { name: 'digits', isLegal: false, build: (bytes) => '1'.repeat(bytes) },
];

/** Bodies that cost each path most; all have the size that is asked for, as far as a text can fill them. */
export const WORST_BODIES: readonly WorstBody[] = listBodies().map(({ build, ...body }) => ({
  ...body,
  build: (bytes) => pad(build(bytes), bytes),
}));

function pad(body: string, bytes: number): string {
  const missing = bytes - Buffer.byteLength(body) - ',"padding":""'.length;
  return missing > 0 && body.endsWith('}')
    ? `${body.slice(0, -1)},"padding":"${'x'.repeat(missing)}"}`
    : body;
}

function listBodies(): readonly WorstBody[] {
  return [
    ...PATHS.flatMap((path) =>
      ON_EVERY_PATH.map(({ build, ...body }) => ({
        ...body,
        path,
        build: (bytes: number) =>
          reviewOf(path, 'EXTRA').replace('"EXTRA"', () => build(bytes - SPACE_FOR_ENVELOPE)),
      })),
    ),
    ...['/mutate-pods', '/validate-pods'].flatMap((path) => [
      {
        path,
        name: 'annotations',
        isLegal: true,
        build: (bytes: number) => reviewOf(path, podOf({ annotations: map(countOf(6, bytes), 'k', '') })),
      },
      {
        path,
        name: 'annotations like the key',
        isLegal: true,
        build: (bytes: number) =>
          reviewOf(
            path,
            podOf({ annotations: map(countOf(6, bytes), 'k8s.aliyun.com/eci-ram-role-nam', '') }),
          ),
      },
      {
        path,
        name: 'environment variables',
        isLegal: true,
        build: (bytes: number) => reviewOf(path, podOf({}, { containers: [{ env: variables(bytes) }] })),
      },
      {
        path,
        name: 'tolerations',
        isLegal: false,
        build: (bytes: number) =>
          reviewOf(path, podOf({}, { tolerations: list(countOf(4, bytes), () => ({ key: 'k' })) })),
      },
      {
        path,
        name: 'terms of an affinity',
        isLegal: false,
        build: (bytes: number) => reviewOf(path, podOf({}, affinity(countOf(8, bytes)))),
      },
    ]),
    {
      path: '/validate-bindings',
      name: 'annotations',
      isLegal: true,
      build: (bytes) =>
        reviewOf(
          '/validate-bindings',
          podOf({ annotations: { ...map(countOf(6, bytes), 'k', ''), [ROLE_ANNOTATION]: 'reader' } }),
        ),
    },
    ...workloads(),
    ...injectors(),
    ...allowlists(),
    ...costlyTexts(),
  ];
}

/** The longest text in each field that a path reads. */
function costlyTexts(): readonly WorstBody[] {
  return TEXT_FIELDS.flatMap(({ path, field, put }) =>
    COSTLY_CHARACTERS.map((unit) => ({
      ...{ path, name: `${JSON.stringify(unit)} as ${field}`, isLegal: false },
      build: (bytes: number) => put(textOf(unit, bytes / 3)),
    })),
  );
}

function podOf(metadata: object, spec: object = {}): object {
  return { metadata: { name: 'pod', ...metadata }, spec };
}

function variables(bytes: number): readonly object[] {
  return list(Math.min(countOf(4, bytes), bytes / 32), (index) => ({ name: `V${index}`, value: '' }));
}

function affinity(count: number): object {
  const nodeSelectorTerms = list(count, () => ({ matchExpressions: [{ key: 'type' }] }));
  return {
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
  };
}

function workloads(): readonly WorstBody[] {
  const path = '/validate-workloads';
  const deployment = { resource: { group: 'apps', resource: 'deployments' }, operation: 'UPDATE' };
  const large = (bytes: number, name: string) =>
    workloadOf(
      'Deployment',
      templateOf('reader', {
        spec: { containers: [{ env: [...variables(bytes).slice(0, countOf(8.1, bytes)), { name }] }] },
      }),
    );
  const roles = (bytes: number, count: number) =>
    list(Math.min(count, countOf(10, bytes)), (index) => ({
      annotations: { [ROLE_ANNOTATION]: `reader-${index}` },
    }));
  return [
    {
      path,
      name: 'a Deployment updated at its end',
      isLegal: true,
      build: (bytes) => reviewOf(path, large(bytes, 'a'), { ...deployment, oldObject: large(bytes, 'b') }),
    },
    {
      path,
      name: 'a Workflow of objects',
      isLegal: true,
      build: (bytes) => reviewOf(path, { spec: { a: list(countOf(3, bytes), () => ({})) } }),
    },
    {
      path,
      name: 'a Workflow of keys',
      isLegal: true,
      build: (bytes) => reviewOf(path, { spec: list(countOf(8, bytes), (index) => ({ [`k${index}`]: 1 })) }),
    },
    {
      path,
      name: 'a Workflow of roles',
      isLegal: true,
      build: (bytes) => reviewOf(path, { spec: { templates: roles(bytes, 30_000) } }),
    },
    {
      path,
      name: 'roles beside many variables',
      isLegal: true,
      build: (bytes) =>
        reviewOf(path, {
          spec: {
            env: variables(bytes),
            ...Object.fromEntries(
              roles(bytes, 100).map(({ annotations }, index) => [`a${index}`, annotations]),
            ),
          },
        }),
    },
    {
      path,
      name: 'keys like the annotation',
      isLegal: true,
      build: (bytes) =>
        reviewOf(path, {
          spec: list(countOf(8, bytes), (index) => ({ [`k8s.aliyun.com/eci-ram-${index}`]: '1' })),
        }),
    },
  ];
}

function injectors(): readonly WorstBody[] {
  const path = '/validate-injectors';
  const profile = {
    namespace: 'kube-system',
    name: 'eci-profile',
    resource: { group: '', resource: 'configmaps' },
  };
  const entries = (role: (index: number) => string, selector: (index: number) => object) =>
    profileOf(list(500, (index) => entryOf(role(index), { namespaceSelector: selector(index) })));
  const ofProfile = (object: unknown, oldObject?: unknown) =>
    reviewOf(path, object, {
      ...profile,
      ...(oldObject !== undefined && { operation: 'UPDATE', oldObject }),
    });
  const ofKey = (index: number) => ({ matchLabels: { [`label-${index}`]: 'a' } });
  const absent = (index: number) => ({
    matchExpressions: list(8, (part) => ({ key: `label-${index}-${part}`, operator: 'DoesNotExist' })),
  });
  const selector = (spec: unknown) => reviewOf(path, { metadata: { name: 's' }, spec });
  return [
    {
      path,
      name: 'selectors by 500 labels',
      isLegal: true,
      build: () => ofProfile(entries(() => 'reader', ofKey)),
    },
    {
      path,
      name: 'selectors of 500 roles',
      isLegal: true,
      build: () => ofProfile(entries((index) => `reader-${index}`, ofKey)),
    },
    {
      path,
      name: 'selectors of all namespaces',
      isLegal: true,
      build: () =>
        ofProfile(
          entries(() => 'reader', absent),
          entries(() => 'reader', ofKey),
        ),
    },
    {
      path,
      name: 'brackets in a text',
      isLegal: true,
      build: (bytes) => ofProfile(profileOf('['.repeat(bytes / 3) + ']'.repeat(bytes / 3))),
    },
    {
      path,
      name: 'lists in a text',
      isLegal: true,
      build: (bytes) =>
        ofProfile(profileOf(`[${'[],'.repeat(bytes / 5)}1]`), profileOf(`[${'{},'.repeat(9_000)}1]`)),
    },
    {
      path,
      name: 'objects in a text',
      isLegal: true,
      build: () =>
        ofProfile(
          profileOf(JSON.stringify([entryOf('reader'), list(3_600, (index) => ({ [`k${index}`]: 1 }))])),
          profileOf(JSON.stringify([entryOf('x'), list(3_600, (index) => ({ [`k${index}`]: 1 }))])),
        ),
    },
    {
      path,
      name: 'a Selector of many annotations',
      isLegal: true,
      build: () =>
        selector({ effect: { annotations: { [ROLE_ANNOTATION]: 'reader', ...map(1_900, 'k', 1) } } }),
    },
    {
      path,
      name: 'a Selector of many labels',
      isLegal: true,
      build: () =>
        selector({
          ...entryOf('reader', { name: 1 }),
          namespaceLabels: { matchLabels: map(1_900, 'K_', 'a b') },
        }),
    },
    {
      path,
      name: 'a Selector of many fields',
      isLegal: true,
      build: () => selector({ ...entryOf('reader'), ...map(1_900, 'k', 1) }),
    },
    {
      path,
      name: 'a Selector of more values',
      isLegal: true,
      build: (bytes) => selector({ ...entryOf('reader'), policy: list(countOf(3, bytes), () => ({})) }),
    },
  ];
}

function allowlists(): readonly WorstBody[] {
  const path = '/validate-allowlists';
  const of = (spec: object, metadata: object = {}, request: object = {}) =>
    reviewOf(path, allowlistObject({ ...spec }, { ...metadata }), request);
  const requirement = (index: number) => ({ key: `k${index}`, operator: 'In', values: ['_'] });
  return [
    {
      path,
      name: 'patterns of roles',
      isLegal: false,
      build: (bytes) => of({ roles: list(countOf(1, bytes), () => '*a*') }),
    },
    {
      path,
      name: 'wrong roles',
      isLegal: false,
      build: (bytes) => of({ roles: list(countOf(1, bytes), () => 'a/b') }),
    },
    {
      path,
      name: 'objects as namespaces',
      isLegal: false,
      build: (bytes) => of({ namespaces: list(countOf(3, bytes), () => ({})) }),
    },
    {
      path,
      name: 'ServiceAccounts',
      isLegal: false,
      build: (bytes) => of({ serviceAccounts: list(countOf(1, bytes), () => '*') }),
    },
    { path, name: 'unknown fields', isLegal: false, build: (bytes) => of(map(countOf(6, bytes), 'role', 1)) },
    {
      path,
      name: 'unknown fields of the object',
      isLegal: false,
      build: (bytes) => reviewOf(path, { ...allowlistObject(), ...map(countOf(6, bytes), 'k', 1) }),
    },
    {
      path,
      name: 'labels',
      isLegal: false,
      build: (bytes) => of({ namespaceSelector: { matchLabels: map(countOf(6, bytes), 'k', 'a b') } }),
    },
    {
      path,
      name: 'requirements',
      isLegal: false,
      build: (bytes) => of({ namespaceSelector: { matchExpressions: list(countOf(9, bytes), requirement) } }),
    },
    {
      path,
      name: 'requirements of many values',
      isLegal: false,
      build: (bytes) =>
        of({
          namespaceSelector: {
            matchExpressions: list(16, (index) => ({
              key: `k${index}`,
              operator: 'In',
              values: list(countOf(20, bytes), () => 'a b'),
            })),
          },
        }),
    },
    {
      path,
      name: 'a spec with one change',
      isLegal: false,
      build: (bytes) =>
        of(
          { x: list(countOf(8, bytes), () => ({ a: 1 })) },
          {},
          {
            operation: 'UPDATE',
            oldObject: allowlistObject({
              x: list(countOf(8, bytes), (index) => ({ a: index > 5_000 ? 2 : 1 })),
            }),
          },
        ),
    },
    {
      path,
      name: 'annotations',
      isLegal: true,
      build: (bytes) => of({}, { annotations: map(countOf(6, bytes), 'k', 'a') }),
    },
    {
      path,
      name: 'objects in last-applied-configuration',
      isLegal: true,
      build: () =>
        of(
          {},
          {
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(
                list(2_400, (index) => ({ [`k${index}`]: 1 })),
              ),
            },
          },
        ),
    },
    {
      path,
      name: 'as many patterns as an allowlist has',
      isLegal: true,
      build: () =>
        of({
          namespaces: list(256, (index) => `team-${index}-*a*a*`),
          roles: list(256, (index) => `role-${index}-*a*a*`),
          serviceAccounts: list(64, (index) => `sa-${index}-*`),
        }),
    },
  ];
}

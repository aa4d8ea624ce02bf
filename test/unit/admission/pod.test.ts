import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Pod, parsePod } from '../../../src/admission/pod.ts';
import { formatProblem } from '../../../src/text/problem.ts';
import { deepFreeze } from '../../builders/deep-freeze.ts';

const KEY = 'k8s.aliyun.com/eci-ram-role-name';

const bare: Pod = {
  name: '',
  generateName: '',
  requestedRole: undefined,
  hasAnnotations: false,
  serviceAccount: 'default',
  hasEciMarker: false,
  isMirrorPod: false,
};

suite('parsePod', () => {
  const cases = [
    { name: 'a name', object: { metadata: { name: 'api' } }, pod: { name: 'api' } },
    { name: 'a generateName', object: { metadata: { generateName: 'api-' } }, pod: { generateName: 'api-' } },
    { name: 'odd names', object: { metadata: { name: {}, generateName: 3 } }, pod: {} },
    {
      name: 'a ServiceAccount',
      object: { metadata: {}, spec: { serviceAccountName: 'api' } },
      pod: { serviceAccount: 'api' },
    },
    { name: 'an empty ServiceAccount', object: { metadata: {}, spec: { serviceAccountName: '' } }, pod: {} },
    {
      name: 'an odd ServiceAccount',
      object: { metadata: {}, spec: { serviceAccountName: ['api'] } },
      pod: {},
    },
    { name: 'an odd spec', object: { metadata: {}, spec: 'serviceAccountName' }, pod: {} },
    { name: 'null annotations', object: { metadata: { annotations: null } }, pod: {} },
    { name: 'no annotations', object: { metadata: { annotations: {} } }, pod: { hasAnnotations: true } },
    {
      name: 'a role',
      object: { metadata: { annotations: { [KEY]: 'r' } } },
      pod: { hasAnnotations: true, requestedRole: 'r' },
    },
    {
      name: 'a blank role',
      object: { metadata: { annotations: { [KEY]: ' ' } } },
      pod: { hasAnnotations: true, requestedRole: ' ' },
    },
    {
      name: 'an empty role',
      object: { metadata: { annotations: { [KEY]: '' } } },
      pod: { hasAnnotations: true },
    },
    { name: 'a role as a label', object: { metadata: { labels: { [KEY]: 'r' } } }, pod: {} },
    {
      name: 'the mark of a mirror pod',
      object: { metadata: { annotations: { 'kubernetes.io/config.mirror': '' } } },
      pod: { hasAnnotations: true, isMirrorPod: true },
    },
    { name: 'a marker', object: { metadata: { labels: { eci: 'true' } } }, pod: { hasEciMarker: true } },
    {
      name: 'a role in the prototype of its annotations',
      object: { metadata: { annotations: Object.create({ [KEY]: 'r' }) } },
      pod: { hasAnnotations: true },
    },
  ];

  for (const { name, object, pod } of cases) {
    test(`reads a pod with ${name}`, () => {
      assert.deepEqual(parsePod(deepFreeze(object)), { ok: true, value: { ...bare, ...pod } });
    });
  }

  const malformed = [
    { object: null, problem: 'object: expected a pod, found null' },
    { object: undefined, problem: 'object: expected a pod, found nothing' },
    { object: [], problem: 'object: expected a pod, found a list of 0' },
    { object: 'pod', problem: 'object: expected a pod, found "pod"' },
    { object: {}, problem: 'metadata: expected an object, found nothing' },
    { object: { metadata: null }, problem: 'metadata: expected an object, found null' },
    { object: { metadata: [] }, problem: 'metadata: expected an object, found a list of 0' },
    {
      object: { metadata: { annotations: [] } },
      problem: 'metadata.annotations: expected a map of strings, found a list of 0',
    },
    {
      object: { metadata: { annotations: false } },
      problem: 'metadata.annotations: expected a map of strings, found false',
    },
    {
      object: { metadata: { annotations: '' } },
      problem: 'metadata.annotations: expected a map of strings, found ""',
    },
    {
      object: { metadata: { annotations: { a: null } } },
      problem: 'metadata.annotations.a: expected a string, found null',
    },
    {
      object: { metadata: { annotations: { a: 'b', [KEY]: 1 } } },
      problem: 'metadata.annotations["k8s.aliyun.com/eci-ram-role-name"]: expected a string, found 1',
    },
  ];

  for (const { object, problem } of malformed) {
    test(`finds ${JSON.stringify(object)} malformed`, () => {
      const parsed = parsePod(object);

      assert.equal(parsed.ok, false);
      assert.equal(formatProblem(parsed.problem), problem);
    });
  }
});

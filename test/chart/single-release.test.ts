import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TLS_MODES } from './cases.ts';
import { find, render } from './helm.ts';

test('one cluster-scoped object has the same name in every release', () => {
  const [first = '', ...others] = ['one', 'two'].map((release) => {
    const manifests = render({ tls: TLS_MODES['cert-manager'], source: 'file' }, { release });
    const { metadata, ...rest } = find(manifests, 'ValidatingAdmissionPolicy', 'eci-ram-role.io');
    return JSON.stringify([metadata.namespace, rest]);
  });
  assert.deepEqual(others, [first]);
});

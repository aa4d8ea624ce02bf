import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { parseAllowlist } from '../../src/policy/schema/parse.ts';
import { badAllowlists, goodAllowlists } from '../builders/allowlist-cases.ts';
import { type ControlPlane, startControlPlane } from './harness/control-plane.ts';

const CRD = join(import.meta.dirname, '../../charts/eci-ram-role-webhook/crds/ramroleallowlists.yaml');

/**
 * Of a field that narrows a list the API server keeps a null, where it would drop others, and a server then finds the
 * list Invalid: no rule of a CRD can refuse a null.
 */
const PRESERVED_NULL = ['with ServiceAccounts of null', 'with an expiry of null'];

suite('the CustomResourceDefinition', () => {
  let controlPlane: ControlPlane;

  before(async () => {
    controlPlane = await startControlPlane();
    await kubectl('apply', '-f', CRD);
    await kubectl(
      'wait',
      '--for=condition=Established',
      'crd/ramroleallowlists.eci-ram-role.io',
      '--timeout=30s',
    );
  });

  after(() => controlPlane?.stop());

  async function kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await controlPlane.kubectl(args);
    assert.equal(code, 0, stderr);
    return stdout;
  }

  function create(object: unknown) {
    return controlPlane.kubectl(
      ['create', '--dry-run=server', '--validate=strict', '-o', 'json', '-f', '-'],
      { input: JSON.stringify(object) },
    );
  }

  for (const { name, object } of goodAllowlists) {
    test(`accepts an allowlist ${name}, as the file loader does`, async () => {
      const { code, stderr } = await create(object);
      assert.equal(code, 0, stderr);
    });
  }

  for (const { name, object, problems } of badAllowlists.filter(
    ({ name }) => !PRESERVED_NULL.includes(name),
  )) {
    test(`refuses an allowlist ${name}, as the file loader does`, async () => {
      const { code, stderr } = await create(object);
      assert.notEqual(code, 0);
      // Only what the object's spec has is the CRD's to word; the field it names is the one that the loader names.
      const field = problems.map(({ path }) => path).find(([first]) => first === 'spec')?.[1];
      if (field !== undefined) {
        assert.match(stderr, new RegExp(`spec|${String(field)}`));
      }
    });
  }

  for (const { name, object } of badAllowlists.filter(({ name }) => PRESERVED_NULL.includes(name))) {
    test(`keeps what makes an allowlist Invalid ${name}`, async () => {
      const { code, stdout, stderr } = await create(object);
      assert.equal(code, 0, stderr);
      assert.equal(parseAllowlist(JSON.parse(stdout)).ok, false);
    });
  }

  test('explains the fields', async () => {
    const explained = await kubectl('explain', 'ramroleallowlist.spec.serviceAccounts');
    assert.match(explained.replaceAll(/\s+/g, ' '), /is not a security boundary: anyone who can create pods/);
  });

  test('answers to its short name, with the columns that matter', async () => {
    const good = goodAllowlists.find(({ name }) => name === 'with every field');
    await controlPlane.kubectl(['create', '-f', '-'], { input: JSON.stringify(good?.object) });
    const [heading = '', row = ''] = (await kubectl('get', 'rral')).split('\n');
    assert.deepEqual(heading.trim().split(/\s+/), [
      ...['NAME', 'NAMESPACES', 'ROLES', 'DEFAULT', 'ACTION', 'READY', 'REASON', 'AGE'],
    ]);
    assert.match(row, /^payments .*payments-reader +Strip/);
  });
});

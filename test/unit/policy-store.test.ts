import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createPolicyMetrics } from '../../src/observability/policy-metrics.ts';
import type { Allowlist } from '../../src/policy/schema/allowlist.ts';
import { createPolicyStore } from '../../src/policy-store.ts';
import type { DeniedState } from '../../src/sources/source.ts';
import { allowlistOf } from '../builders/policy.ts';
import { until } from '../support/until.ts';

const SETTINGS = { unlistedNamespaces: 'Deny', protectedRoles: [], eciDetection: 'markers' } as const;
const EXPIRED = { expiresAt: '2020-01-01T00:00:00Z', reason: 'x' };

function start() {
  const lines: Record<string, unknown>[] = [];
  const registry = new Registry();
  const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const store = createPolicyStore(SETTINGS, createPolicyMetrics(registry), logger);
  const apply = (
    changed: readonly Allowlist[],
    removed: readonly string[] = [],
    denied: Readonly<Record<string, DeniedState>> = {},
  ) => store.apply({ changed, removed, denied: new Map(Object.entries(denied)) });
  const metric = async (pattern: RegExp) => pattern.exec(await registry.metrics())?.[1];
  return { store, apply, metric, reloads: () => lines.filter(({ msg }) => msg === 'allowlists reloaded') };
}

suite('the policy store', () => {
  test('notes that nothing is loaded, until something is', () => {
    const { store, apply } = start();
    assert.deepEqual([store.hasAllowlists(), store.notes().length], [false, 0]);
    apply([]);
    assert.deepEqual([store.hasAllowlists(), store.notes().length], [true, 1]);
    apply([allowlistOf('a')]);
    assert.equal(store.notes().length, 0);
  });

  test('logs one line for changes that follow each other, with ten names of each kind', async () => {
    const { apply, reloads } = start();
    apply([allowlistOf('a'), allowlistOf('b')]);
    for (let index = 0; index < 1_000; index++) {
      apply([allowlistOf(`new-${index % 20}`), allowlistOf('a', { roles: [`${index}`] })]);
    }
    apply([], ['b']);
    await until('the line', () => reloads().length > 0);
    assert.deepEqual(
      reloads().map(({ added, changed, removed, changes }) => ({ added, changed, removed, changes })),
      [
        {
          added: Array.from({ length: 10 }, (_, index) => `new-${index}`),
          changed: ['a'],
          removed: ['b'],
          changes: 22,
        },
      ],
    );
  });

  test('counts allowlists by state', async () => {
    const { apply, metric } = start();
    apply([allowlistOf('a'), allowlistOf('b', EXPIRED), allowlistOf('c'), allowlistOf('d')], [], {
      ...{ c: 'invalid', d: 'over-bound' },
    });
    const counts = async () =>
      Promise.all(
        ['active', 'expired', 'invalid', 'over-bound'].map((state) =>
          metric(new RegExp(`allowlists\\{state="${state}"\\} (\\d+)`)),
        ),
      );
    assert.deepEqual(await counts(), ['1', '1', '1', '1']);
    apply([allowlistOf('c')], ['d']);
    assert.deepEqual(await counts(), ['2', '1', '0', '0']);
  });

  test('has the same hash for the same allowlists, whatever came before', async () => {
    const hashOf = ({ metric }: ReturnType<typeof start>) => metric(/policy_info\{hash="(\w{12})"\}/);
    const [first, second] = [start(), start()];
    first.apply([allowlistOf('a'), allowlistOf('b')]);
    second.apply([allowlistOf('b', { roles: ['x'] }), allowlistOf('c')]);
    assert.notEqual(await hashOf(first), await hashOf(second));
    second.apply([allowlistOf('b')], ['c']);
    second.apply([allowlistOf('a')]);
    assert.equal(await hashOf(first), await hashOf(second));
  });
});

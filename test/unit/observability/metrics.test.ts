import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { createMetricsRenderer } from '../../../src/observability/metrics.ts';

/** A registry whose renderings end when the test says so. */
function start() {
  const renderings: PromiseWithResolvers<string>[] = [];
  let now = 0;
  const registry = {
    metrics: () => {
      const rendering = Promise.withResolvers<string>();
      renderings.push(rendering);
      return rendering.promise;
    },
  };
  return {
    render: createMetricsRenderer(registry, () => now),
    renderings,
    wait: (ms: number) => {
      now += ms;
    },
  };
}

suite('the rendering of metrics', () => {
  test('is one at a time, and shared for a second after its end', async () => {
    const { render, renderings, wait } = start();
    const first = [render(), render()];
    wait(5_000);
    first.push(render());
    assert.equal(renderings.length, 1);
    renderings[0]?.resolve('one');
    assert.deepEqual(await Promise.all(first), ['one', 'one', 'one']);

    wait(999);
    assert.equal(await render(), 'one');
    wait(1);
    const next = render();
    renderings[1]?.resolve('two');
    assert.equal(await next, 'two');
    assert.equal(renderings.length, 2);
  });

  test('is tried again a second after it failed', async () => {
    const { render, renderings, wait } = start();
    const first = render();
    renderings[0]?.reject(new Error('no'));
    await assert.rejects(first, /no/);
    wait(1_000);
    const next = render();
    renderings[1]?.resolve('two');
    assert.equal(await next, 'two');
  });
});

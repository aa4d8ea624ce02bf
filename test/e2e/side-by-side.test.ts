import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startControlPlane } from './harness/control-plane.ts';
import { startServiceProxy } from './harness/service-proxy.ts';

test('two control planes run side by side, apart from each other', async () => {
  const results = await Promise.allSettled([startControlPlane(), startControlPlane()]);
  const planes = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  try {
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled'],
    );
    assert.equal(new Set(planes.map(({ serviceRange }) => serviceRange)).size, 2);
    assert.equal(new Set(planes.map(({ apiServerUrl }) => apiServerUrl)).size, 2);
    const [first, second] = planes;
    await first?.kubectl(['create', 'namespace', 'only-here']);
    assert.equal((await second?.kubectl(['get', 'namespace', 'only-here']))?.code, 1);
    for (const plane of planes) {
      const proxy = await startServiceProxy(plane);
      assert.deepEqual(proxy.listening(), [`${plane.addresses.kubernetesServiceAddress}:443`]);
      await proxy.stop();
    }
  } finally {
    await Promise.all(planes.map((plane) => plane.stop()));
  }
});

test('a control plane that cannot start names the component and shows its log', async () => {
  await assert.rejects(
    startControlPlane({ apiServerFlags: ['--no-such-flag'] }),
    /^PermanentError: kube-apiserver ended with code 1; the end of .*unknown flag: --no-such-flag/s,
  );
});

test('a tenant may do nothing until a role is bound', async () => {
  const plane = await startControlPlane();
  try {
    const { stderr } = await plane.kubectl(['get', 'pods'], { as: 'dev' });
    assert.match(stderr, /User "dev" cannot list resource "pods"/);
    await plane.kubectl(['create', 'rolebinding', 'dev', '--clusterrole=edit', '--group=developers']);
    assert.equal((await plane.kubectl(['get', 'pods'], { as: 'dev' })).code, 0);
    assert.equal((await plane.kubectl(['get', 'pods'], { as: 'tester' })).code, 1);
  } finally {
    await plane.stop();
  }
});

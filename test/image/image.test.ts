// The image that the Dockerfile builds, run as the chart runs it, without a container engine and without a registry.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, type TestContext, test } from 'node:test';
import packageJson from '../../package.json' with { type: 'json' };
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { call } from '../support/call.ts';
import { makeCertificate, writeCertificate } from '../support/certificate.ts';
import { PROJECT, type RunningProcess, runProcess } from '../support/run-process.ts';
import { type Buildah, createBuildah, type ImageConfig, readImageConfig, readImageSize } from './buildah.ts';
import { enterImage } from './enter-image.ts';
import { buildBuildBase, buildRuntimeBase } from './stand-in-bases.ts';

const BASE = 'localhost/runtime-base';
const BUILD_BASE = 'localhost/build-base';
const IMAGE = 'localhost/eci-ram-role-webhook';
const BUNDLE = '/app/eci-ram-role-webhook.cjs';
const CONFIGURATION = '/etc/eci-ram-role-webhook';

suite('the image', () => {
  let directory = '';
  let buildah: Buildah;
  let config: ImageConfig;
  let root = '';
  let caPem = '';

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'image-test-'));
    buildah = createBuildah(directory);
    for (const [name, build] of Object.entries({ [BASE]: buildRuntimeBase, [BUILD_BASE]: buildBuildBase })) {
      const context = join(directory, 'context');
      mkdirSync(context);
      build(buildah, context, name);
      rmSync(context, { recursive: true });
    }
    const bases = [`--build-arg=BASE=${BASE}`, `--build-arg=BUILD_BASE=${BUILD_BASE}`];
    buildah('bud', '--isolation=chroot', ...bases, `--tag=${IMAGE}`, PROJECT);
    config = readImageConfig(buildah, IMAGE);
    root = buildah('mount', buildah('from', '--pull-never', IMAGE));
    caPem = await writeConfiguration(join(directory, 'configuration'));
  });

  after(() => rmSync(directory, { recursive: true, force: true }));

  function run(t: TestContext, command: readonly string[]): RunningProcess {
    const mount = { source: join(directory, 'configuration'), target: CONFIGURATION };
    const { args, env, ...entered } = enterImage(root, config, [mount], command);
    return runProcess(t, entered.command, args, { env });
  }

  test('names its user by number, so that runAsNonRoot can be checked', () => {
    assert.equal(config.User, '65532:65532');
  });

  test('says by OCI labels what it is', () => {
    const prefix = 'org.opencontainers.image.';
    assert.equal(config.Labels[`${prefix}title`], packageJson.name);
    assert.equal(config.Labels[`${prefix}version`], packageJson.version);
    assert.equal(config.Labels[`${prefix}licenses`], packageJson.license);
    assert.ok(config.Labels[`${prefix}description`]);
  });

  test('adds the bundle and its licences to its base, without node_modules', (t) => {
    assert.deepEqual(readdirSync(join(root, '/app')).sort(), [
      'LICENSE',
      'eci-ram-role-webhook.cjs',
      'eci-ram-role-webhook.cjs.LEGAL.txt',
    ]);
    assert.deepEqual(
      ['/src', '/app/node_modules'].filter((path) => existsSync(join(root, path))),
      [],
    );
    const megabytes = (statSync(join(root, BUNDLE)).size / 1_000_000).toFixed(1);
    t.diagnostic(`size: ${readImageSize(buildah, IMAGE)}, of which ours: ${megabytes} MB`);
  });

  test('starts as its user on a read-only root without a shell, decides over HTTPS, and ends on SIGTERM', async (t) => {
    assert.equal(existsSync(join(root, 'bin/sh')), false);
    const started = performance.now();
    const server = run(t, [
      ...config.Entrypoint,
      ...['--bind-address=127.0.0.1', '--secure-port=0', '--probe-port=0', '--drain-delay=0s'],
      `--allowlists=${CONFIGURATION}/lists.yaml`,
      ...[`--tls-cert-file=${CONFIGURATION}/tls.crt`, `--tls-private-key-file=${CONFIGURATION}/tls.key`],
    ]);
    const [line] = await server.saysOnStderr(/^.*"msg":"ready".*$/m);
    t.diagnostic(`ready after ${Math.round(performance.now() - started)} ms`);
    const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8');
    assert.match(status, /^Uid:\s65532\s65532\s65532\s65532$/m);
    assert.match(status, /^CapEff:\s0+$/m);
    const { securePort } = JSON.parse(line);
    const answer = await call({ securePort, caPem });
    assert.equal(answer.status, 200);
    assert.equal(JSON.parse(answer.body).response.allowed, true);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
  });

  test('cannot write to its root', async (t) => {
    const write = `require('node:fs').writeFileSync('/app/new', '')`;
    const writer = run(t, ['node', '--eval', write]);
    assert.equal(await writer.ended, 1);
    assert.match(writer.stderr(), /EROFS: read-only file system, open '\/app\/new'/);
  });
});

/** Writes an allowlist and a certificate for the image's user to read, and returns the CA. */
async function writeConfiguration(directory: string): Promise<string> {
  mkdirSync(directory, { mode: 0o755 });
  writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
  const certificate = await makeCertificate();
  writeCertificate(directory, certificate);
  for (const name of ['lists.yaml', 'tls.crt', 'tls.key']) {
    chmodSync(join(directory, name), 0o644);
  }
  return certificate.caPem;
}

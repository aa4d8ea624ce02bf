import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { IMAGE_NODE } from '../e2e/harness/image-node.ts';
import type { Buildah } from './buildah.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NODE = '/usr/local/bin/node';
const NPM = '/usr/local/lib/node_modules/npm';
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/**
 * Stands in for the official image, without a registry: the same Node with the libraries it is linked to, and
 * nothing else, not even a shell.
 */
export function buildRuntimeBase(buildah: Buildah, directory: string, name: string): void {
  const root = makeRoot(directory);
  copyProgram(IMAGE_NODE, root, NODE);
  build(buildah, directory, name, ['FROM scratch', 'COPY root /', `ENV PATH=${PATH}`]);
}

/** The same with what RUN steps need besides: a shell, npm, and whom this machine trusts and where it finds packages. */
export function buildBuildBase(buildah: Buildah, directory: string, name: string): void {
  const root = makeRoot(directory);
  copyProgram(IMAGE_NODE, root, NODE);
  copyProgram('/bin/sh', root, '/bin/sh');
  copyProgram('/usr/bin/env', root, '/usr/bin/env');
  cpSync(findNpm(), join(root, NPM), { recursive: true });
  symlinkSync(join(NPM, 'bin/npm-cli.js'), join(root, '/usr/local/bin/npm'));
  copyFile(process.env['NODE_EXTRA_CA_CERTS'] ?? CERTIFICATES, root, CERTIFICATES);
  const registry = spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim();
  build(buildah, directory, name, [
    'FROM scratch',
    'COPY root /',
    `ENV PATH=${PATH} NODE_EXTRA_CA_CERTS=${CERTIFICATES} NPM_CONFIG_REGISTRY=${registry}`,
  ]);
}

/** An empty root with the mount points that every container has. */
function makeRoot(directory: string): string {
  const root = join(directory, 'root');
  for (const name of ['dev', 'proc', 'sys', 'tmp']) {
    mkdirSync(join(root, name), { recursive: true });
  }
  return root;
}

function build(buildah: Buildah, directory: string, name: string, lines: readonly string[]): void {
  writeFileSync(join(directory, 'Containerfile'), `${lines.join('\n')}\n`);
  buildah('bud', '--isolation=chroot', `--tag=${name}`, `--file=${directory}/Containerfile`, directory);
}

/** A program, and every library that ldd lists, each at its own path. */
function copyProgram(source: string, root: string, target: string): void {
  copyFile(source, root, target);
  const { status, stdout, stderr } = spawnSync('ldd', [source], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`ldd ${source}: ${stderr}`);
  }
  for (const [library] of stdout.matchAll(/\/\S+(?= \(0x)/g)) {
    copyFile(library, root, library);
  }
}

function copyFile(source: string, root: string, target: string): void {
  mkdirSync(dirname(join(root, target)), { recursive: true });
  copyFileSync(realpathSync(source), join(root, target));
}

/** The npm that runs this test, or the one on PATH. */
function findNpm(): string {
  const which = spawnSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).stdout.trim();
  return join(dirname(realpathSync(process.env['npm_execpath'] ?? which)), '..');
}

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import packageJson from '../../package.json' with { type: 'json' };
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { call } from '../support/call.ts';
import { makeCertificate, writeCertificate } from '../support/certificate.ts';
import { PROJECT, runProcess } from '../support/run-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const DIST = join(PROJECT, 'dist');
const COMMAND = 'eci-ram-role-webhook';
const BUNDLE = `${COMMAND}.cjs`;
/** The commands of the published package, all of which are the bundle. */
const NAMES = [COMMAND, 'eci-ram-role', 'kubectl-eci_ram_role'];

const run = promisify(execFile);

suite('npm run build', () => {
  // This suite tests the build itself, so it never reuses a dist/ that is there.
  const { REUSE_DIST: _, ...env } = process.env;

  before(() => run('npm', ['run', 'build', '--silent'], { cwd: PROJECT, env }));

  test('writes one file and what describes it, which depends on nothing', () => {
    assert.deepEqual(readdirSync(DIST).sort(), [
      'LICENSE',
      'README.md',
      BUNDLE,
      `${BUNDLE}.LEGAL.txt`,
      'package.json',
      'schemas',
    ]);
    const schemas = join(PROJECT, 'schemas');
    assert.deepEqual(readdirSync(join(DIST, 'schemas')), readdirSync(schemas));
    assert.deepEqual(JSON.parse(readFileSync(join(DIST, 'package.json'), 'utf8')), {
      name: packageJson.name,
      version: packageJson.version,
      description: packageJson.description,
      license: packageJson.license,
      bin: Object.fromEntries(NAMES.map((name) => [name, BUNDLE])),
      engines: packageJson.engines,
    });
  });

  test('prints the file that it writes, and a command that runs it', async () => {
    const { stdout } = await run('node', ['scripts/build.ts'], { cwd: PROJECT, env });
    const [file, command] = stdout.trimEnd().split('\n');
    assert.equal(file, `dist/${BUNDLE}: the server and the command line in one file, for Node 24 or later`);
    const [, help = ''] = /^Run it with: (.*)$/.exec(command ?? '') ?? [];
    const { stdout: printed } = await run('sh', ['-c', help], { cwd: PROJECT });
    assert.match(printed, /^Usage: eci-ram-role-webhook/);
  });

  test('writes a command that a page shows how to run', async () => {
    const page = readFileSync(join(PROJECT, 'docs/validating-admission-policies.md'), 'utf8');
    const [, command = ''] = /^\$ (npx .*) > \S+$/m.exec(page) ?? [];
    const { stdout } = await run('sh', ['-c', command], { cwd: PROJECT });
    assert.match(stdout, /^kind: ValidatingAdmissionPolicy$/m);
  });

  test('writes a file that reports an old Node in one line, and is strict', async (t) => {
    const old = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.1.0' })";
    const started = runProcess(t, 'node', ['--import', old, join(DIST, BUNDLE), '--version']);
    assert.equal(await started.ended, 1);
    assert.match(`${started.stdout()}${started.stderr()}`, /^expected Node 24 or later, found v[^\n]*\n$/);
    assert.match(readFileSync(join(DIST, BUNDLE), 'utf8'), /^#![^\n]*\n"use strict";/);
  });

  test('writes a server that runs in an empty directory and a bare environment', async (t) => {
    const directory = temporaryDirectory(t);
    copyFileSync(join(DIST, BUNDLE), join(directory, BUNDLE));
    const certificate = await makeCertificate();
    writeCertificate(directory, certificate);
    writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
    const flags = '--allowlists lists.yaml --tls-cert-file tls.crt --tls-private-key-file tls.key';
    const server = runProcess(
      t,
      'env',
      [
        '-i',
        process.execPath,
        BUNDLE,
        ...`${flags} --bind-address 127.0.0.1 --secure-port 0 --probe-port 0 --drain-delay 0s`.split(' '),
      ],
      { cwd: directory },
    );
    const [, securePort] = await server.saysOnStderr(/"securePort":(\d+)/);
    const answer = await call({ securePort: Number(securePort), caPem: certificate.caPem });
    assert.equal(JSON.parse(answer.body).response.allowed, true);
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
    assert.deepEqual(readdirSync(directory).sort(), [BUNDLE, 'lists.yaml', 'tls.crt', 'tls.key']);
  });

  test('writes a command that exports allowlists in an empty directory and a bare environment', async (t) => {
    const directory = temporaryDirectory(t);
    copyFileSync(join(DIST, BUNDLE), join(directory, BUNDLE));
    writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
    const flags = 'export --format validating-admission-policy -f lists.yaml'.split(' ');
    const { ended, stdout, stderr } = runProcess(t, 'env', ['-i', process.execPath, BUNDLE, ...flags], {
      cwd: directory,
    });
    assert.equal(await ended, 0);
    assert.equal(stderr(), '');
    assert.match(stdout(), /^kind: ValidatingAdmissionPolicy$/m);
  });

  const started = [
    { name: COMMAND, argv: ['--help'], usage: 'eci-ram-role-webhook [options]' },
    { name: COMMAND, argv: ['check', '--help'], usage: 'eci-ram-role-webhook check [options]' },
    { name: 'eci-ram-role', argv: ['--help'], usage: 'eci-ram-role COMMAND [options]' },
    { name: 'eci-ram-role', argv: ['check', '--help'], usage: 'eci-ram-role check [options]' },
    { name: 'kubectl-eci_ram_role', argv: ['--help'], usage: 'kubectl eci-ram-role COMMAND [options]' },
    { name: 'kubectl-eci_ram_role', argv: ['check', '-h'], usage: 'kubectl eci-ram-role check [options]' },
  ];
  for (const { name, argv, usage } of started) {
    test(`writes a program that is, as ${name} ${argv.join(' ')}: ${usage}`, async (t) => {
      const directory = temporaryDirectory(t);
      symlinkSync(join(DIST, BUNDLE), join(directory, name));
      const { stdout } = await run(join(directory, name), argv);
      assert.equal(stdout.split('\n')[0], `Usage: ${usage}`);
    });
  }

  test('writes a package that installs as one package and a working command', async (t) => {
    const directory = temporaryDirectory(t);
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', directory], { cwd: DIST });
    writeFileSync(join(directory, 'package.json'), '{"private": true}');
    await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${stdout.trim()}`], {
      cwd: directory,
    });
    const installed = readdirSync(join(directory, 'node_modules')).filter((name) => !name.startsWith('.'));
    assert.deepEqual(installed, [COMMAND]);
    assert.deepEqual(readdirSync(join(directory, 'node_modules/.bin')).sort(), NAMES.toSorted());
    for (const name of NAMES) {
      const { stdout: version } = await run(join(directory, 'node_modules/.bin', name), ['--version']);
      assert.equal(version, `${packageJson.version}\n`);
    }
  });
});

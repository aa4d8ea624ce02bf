import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { allowlistYaml } from '../../builders/allowlist-yaml.ts';
import type { Cleanup } from '../../support/cleanup.ts';
import { probe } from '../../support/probe.ts';
import { PROJECT, type RunningProcess, runProcess } from '../../support/run-process.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const run = promisify(execFile);

type Quickstart = RunningProcess &
  Readonly<{ securePort: number; probePort: number; temporary: string; home: string; caFile: string }>;

/** Starts the quickstart by npm with a temporary directory of its own, and waits until it has told all. */
async function startQuickstart(
  t: Cleanup,
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Quickstart> {
  const temporary = temporaryDirectory(t);
  const home = temporaryDirectory(t);
  const started = runProcess(
    t,
    'npm',
    ['start', '--silent', '--', '--secure-port=0', '--probe-port=0', ...flags],
    { env: { TMPDIR: temporary, HOME: home, ...env } },
  );
  await started.says(/Stop with Ctrl-C\./);
  const [, securePort, probePort] = await started.saysOnStderr(/"securePort":(\d+),"probePort":(\d+)/);
  const caFile = join(home, `.cache/eci-ram-role-webhook/ca-${securePort}.crt`);
  return {
    ...started,
    ...{ securePort: Number(securePort), probePort: Number(probePort) },
    ...{ temporary, home, caFile },
  };
}

/** What lies in a temporary directory of the server's; npm and node have a cache of their own there. */
function filesOf(temporary: string): readonly string[] {
  return readdirSync(temporary).filter((name) => name !== 'node-compile-cache');
}

/** Stops it as Ctrl-C in a terminal does, and waits until its port is free. */
async function stop({ child, probePort }: Quickstart, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  child.kill(signal);
  await until('the server to be gone', () =>
    probe({ probePort }, '/livez').then(
      () => false,
      () => true,
    ),
  );
}

/** Runs the curl line that the quickstart prints; returns whether the pod is allowed. */
async function pasteCurl({ stdout, home }: Quickstart): Promise<boolean> {
  const [, curl = ''] = /^ {2}(curl --cacert .*)$/m.exec(stdout()) ?? [];
  const answer = await run('sh', ['-c', curl.replace('curl', 'curl --silent --fail')], {
    cwd: PROJECT,
    env: { ...process.env, HOME: home },
  });
  return JSON.parse(answer.stdout).response.allowed;
}

async function untilNothingIsLeft({ caFile, temporary }: Quickstart): Promise<void> {
  await until('its files to be gone', () => !existsSync(caFile) && filesOf(temporary).length === 0);
}

suite('npm start', { concurrency: 2 }, () => {
  test('decides the examples, prints a curl line that works as pasted, and leaves nothing behind', async (t) => {
    const quickstart = await startQuickstart(t);
    const said = quickstart.stdout();
    assert.match(said, /names the role ECIRamRoleTest\n {2}allowed\n/);
    assert.match(said, /\n {2}denied \(403\): .*payments/);
    assert.match(
      said,
      /names no role\n {2}allowed, payments-reader injected\n {4}metadata:\n {6}annotations:\n {8}k8s.aliyun.com\/eci-ram-role-name: payments-reader\n/,
    );
    assert.match(said, /\$\{your_ram_role_name\}/);
    assert.doesNotMatch(said, /not answered|no decision/);

    assert.equal(await pasteCurl(quickstart), false);
    assert(existsSync(quickstart.caFile));
    await stop(quickstart);
    await untilNothingIsLeft(quickstart);
  });

  test('says on standard error, as JSON, what it logs where that is no terminal', async (t) => {
    const quickstart = await startQuickstart(t);
    await until('all decisions logged', () => quickstart.stderr().split('"msg":"decided"}\n').length === 5);
    const lines = quickstart.stderr().trimEnd().split('\n');
    assert(lines.every((line) => typeof JSON.parse(line) === 'object'));
    await stop(quickstart, 'SIGINT');
  });

  for (const signal of ['SIGHUP', 'SIGQUIT'] as const) {
    test(`leaves no private key behind on ${signal}, such as of a terminal that is closed`, async (t) => {
      const quickstart = await startQuickstart(t);
      assert(filesOf(quickstart.temporary).length > 0);
      process.kill(-Number(quickstart.child.pid), signal);
      await untilNothingIsLeft(quickstart);
    });
  }

  test('prints an address that listens if it is bound to another one', async (t) => {
    const quickstart = await startQuickstart(t, ['--bind-address=127.0.0.2']);
    assert.match(quickstart.stdout(), /^The webhook listens on https:\/\/127\.0\.0\.2:\d+;/);
    assert.equal(await pasteCurl(quickstart), false);
    quickstart.child.kill('SIGTERM');
    await untilNothingIsLeft(quickstart);
  });

  test('takes allowlists of the user, and reloads them', async (t) => {
    const mine = join(temporaryDirectory(t), 'mine.yaml');
    writeFileSync(mine, allowlistYaml({ roles: '[]' }));
    const quickstart = await startQuickstart(t, ['--allowlists', mine]);
    assert.match(quickstart.stdout(), /names the role ECIRamRoleTest\n {2}denied \(403\)/);
    writeFileSync(mine, allowlistYaml({ roles: '["*"]' }));
    await quickstart.saysOnStderr(
      /"added":\[\],"changed":\["payments"\],"removed":\[\],"changes":1,"msg":"allowlists reloaded"/,
    );
    await stop(quickstart);
  });

  test('takes what the environment says, and prefers the command line', async (t) => {
    const environment = {
      ECI_RAM_ROLE_WEBHOOK_PROTECTED_ROLES: 'ECIRamRoleTest',
      ECI_RAM_ROLE_WEBHOOK_SECURE_PORT: 'overridden',
    };
    const quickstart = await startQuickstart(t, [], environment);
    assert.match(quickstart.stdout(), /names the role ECIRamRoleTest\n {2}denied \(403\)/);
    await stop(quickstart);
  });

  test('goes on where nobody reads what it says', async (t) => {
    const temporary = temporaryDirectory(t);
    const started = runProcess(t, 'node', ['src/quickstart/main.ts', '--secure-port=0', '--probe-port=0'], {
      env: { TMPDIR: temporary },
    });
    started.child.stdout?.destroy();
    const [, probePort] = await started.saysOnStderr(/"probePort":(\d+)/);
    await until('all examples decided', () => started.stderr().split('"msg":"decided"').length === 5);
    assert.equal((await probe({ probePort: Number(probePort) }, '/livez')).status, 200);
    started.child.kill('SIGTERM');
    assert.equal(await started.ended, 0);
    assert.deepEqual(filesOf(temporary), []);
  });

  test('says in one line that a port is taken, exits with 1, and spoils nothing of the one that runs', async (t) => {
    const quickstart = await startQuickstart(t);
    const ca = readFileSync(quickstart.caFile, 'utf8');
    const temporary = temporaryDirectory(t);
    const second = runProcess(
      t,
      'npm',
      ['start', '--silent', '--', `--secure-port=${quickstart.securePort}`, '--probe-port=0'],
      { env: { TMPDIR: temporary, HOME: quickstart.home } },
    );
    assert.equal(await second.ended, 1);
    assert.equal(second.stdout(), '');
    assert.equal(
      second.stderr(),
      `--secure-port ${quickstart.securePort} on 127.0.0.1: expected a free port, found one that another process listens on; choose another with --secure-port\n`,
    );
    assert.deepEqual(filesOf(temporary), []);
    assert.equal(readFileSync(quickstart.caFile, 'utf8'), ca);
    await stop(quickstart);
  });

  test('says in one line that the probe port is taken, and exits with 1', async (t) => {
    const taken = createServer();
    t.after(() => taken.close());
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    assert(typeof address === 'object' && address !== null);
    const { ended, stderr } = runProcess(t, 'node', [
      'src/quickstart/main.ts',
      '--secure-port=0',
      `--probe-port=${address.port}`,
    ]);
    assert.equal(await ended, 1);
    assert.match(stderr(), /^--probe-port \d+ on 127\.0\.0\.1: expected a free port, .*\n$/);
  });

  test('leaves no files behind where it is stopped before it is ready', async (t) => {
    const temporary = temporaryDirectory(t);
    const { child, ended } = runProcess(
      t,
      'node',
      ['src/quickstart/main.ts', '--secure-port=0', '--probe-port=0'],
      { env: { TMPDIR: temporary } },
    );
    await until('its first file', () => filesOf(temporary).length > 0);
    child.kill('SIGINT');
    await ended;
    assert.deepEqual(filesOf(temporary), []);
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { makeCertificate, writeCertificate } from '../support/certificate.ts';
import type { Cleanup } from '../support/cleanup.ts';
import { probe } from '../support/probe.ts';
import { runProcess } from '../support/run-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** A port of 127.0.0.1 that is listened on. */
function takePort(t: Cleanup): Promise<number> {
  const server = createServer();
  t.after(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      assert(typeof address === 'object' && address !== null);
      resolve(address.port);
    });
  });
}

const MAIN = join(import.meta.dirname, '../../src/main.ts');
const FILES = ['--allowlists=lists.yaml', '--tls-cert-file=tls.crt', '--tls-private-key-file=./tls.key'];
const FREE_PORTS = ['--bind-address=127.0.0.1', '--secure-port=0', '--probe-port=0'];

/** Runs the server in a directory that has all it needs, but for what `spoil` does to it; returns what it says. */
async function runToItsEnd(
  t: Cleanup,
  spoil: (directory: string) => unknown,
  flags: readonly string[] = [],
): Promise<readonly string[]> {
  const directory = temporaryDirectory(t);
  writeCertificate(directory, await makeCertificate());
  writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
  await spoil(directory);
  const { ended, stdout, stderr } = runProcess(t, 'node', [MAIN, ...FILES, ...FREE_PORTS, ...flags], {
    cwd: directory,
  });
  assert.equal(await ended, 1);
  assert.equal(stdout(), '');
  return stderr().trimEnd().split('\n');
}

suite('the server says in one line why it does not start, and exits with 1,', { concurrency: 2 }, () => {
  for (const { title, file, content, line } of [
    {
      title: 'where the key is no key',
      file: 'tls.key',
      content: 'nonsense',
      line: '--tls-private-key-file: expected a PEM private key without a passphrase, found none in ./tls.key',
    },
    {
      title: 'where the certificate is none',
      file: 'tls.crt',
      content: 'nonsense',
      line: '--tls-cert-file: expected a PEM certificate, found none in tls.crt',
    },
  ]) {
    test(title, async (t) => {
      assert.deepEqual(await runToItsEnd(t, (directory) => writeFileSync(join(directory, file), content)), [
        line,
      ]);
    });
  }

  test('where the key is of another certificate', async (t) => {
    const { keyPem } = await makeCertificate();
    assert.deepEqual(await runToItsEnd(t, (directory) => writeFileSync(join(directory, 'tls.key'), keyPem)), [
      '--tls-private-key-file: expected the key of the certificate in tls.crt, found another in ./tls.key',
    ]);
  });

  test('where the key is not there', async (t) => {
    assert.deepEqual(await runToItsEnd(t, () => undefined, ['--tls-private-key-file=absent']), [
      "--tls-private-key-file: expected a file that can be read, found ENOENT: no such file or directory, open 'absent'",
    ]);
  });

  test('where the key is a directory', async (t) => {
    assert.deepEqual(
      await runToItsEnd(t, (directory) => mkdirSync(join(directory, 'd')), ['--tls-private-key-file=d']),
      [
        '--tls-private-key-file: expected a file that can be read, found EISDIR: illegal operation on a directory, read',
      ],
    );
  });

  test('where the allowlists are not there', async (t) => {
    assert.deepEqual(await runToItsEnd(t, () => undefined, ['--allowlists=absent']), [
      "absent: expected a file or directory that can be read, found ENOENT: no such file or directory, stat 'absent'",
    ]);
  });

  for (const flag of ['secure-port', 'probe-port']) {
    test(`where --${flag} is taken`, async (t) => {
      const port = await takePort(t);
      const lines = await runToItsEnd(t, () => undefined, [`--${flag}=${port}`]);
      assert.deepEqual(lines, [
        `--${flag} ${port} on 127.0.0.1: expected a free port, found one that another process listens on; choose another with --${flag}`,
      ]);
    });
  }

  test('where the address is of another machine', async (t) => {
    assert.deepEqual(await runToItsEnd(t, () => undefined, ['--bind-address=192.0.2.1']), [
      '--bind-address 192.0.2.1: expected an address of this machine, found another',
    ]);
  });
});

suite('the server that does not start', () => {
  test('tells all problems of all allowlists, a line each', async (t) => {
    const lines = await runToItsEnd(
      t,
      (directory) => {
        mkdirSync(join(directory, 'lists'));
        writeFileSync(join(directory, 'lists/a.yaml'), allowlistYaml({ roles: '["a b", "c d"]' }));
        writeFileSync(join(directory, 'lists/b.json'), '{"kind": 1}');
      },
      ['--allowlists=lists'],
    );
    assert.deepEqual(
      lines.map((line) => line.split(': expected')[0]),
      ['lists/a.yaml:7:11: spec.roles[0]', 'lists/a.yaml:7:18: spec.roles[1]', 'lists/b.json:1:10: kind'],
    );
  });
});

suite('the server', () => {
  test('starts on IPv4 alone where the machine has no IPv6', async (t) => {
    const directory = temporaryDirectory(t);
    writeCertificate(directory, await makeCertificate());
    writeFileSync(join(directory, 'lists.yaml'), allowlistYaml());
    const server = runProcess(
      t,
      'node',
      [
        `--import=${join(import.meta.dirname, '../support/without-ipv6.ts')}`,
        MAIN,
        ...FILES,
        ...['--secure-port=0', '--probe-port=0', '--drain-delay=0s'],
      ],
      { cwd: directory },
    );
    const [, probePort] = await server.saysOnStderr(/"probePort":(\d+).*"msg":"ready"/);
    assert.equal((await probe({ probePort: Number(probePort) }, '/readyz')).body, 'ok');
    assert.equal(server.stdout(), 'listens on all addresses of IPv4\n'.repeat(2));
    server.child.kill('SIGTERM');
    assert.equal(await server.ended, 0);
  });
});

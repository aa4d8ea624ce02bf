// The first command of README, on machines that are not ready for all of it.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite, test } from 'node:test';
import { allowlistYaml } from '../builders/allowlist-yaml.ts';
import { PROJECT, runProcess } from '../support/run-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const START = ['npm', 'start', '--silent', '--', '--secure-port=0', '--probe-port=0'] as const;

/** Hides the library that Node 26 is linked to, as if it were not installed, and runs a command. */
const WITHOUT_LIBATOMIC = `
for library in $(/sbin/ldconfig -p | sed -n 's/.*libatomic.*=> //p'); do mount --bind /dev/null "$library"; done
exec "$@"`;

/** Makes the checkout read-only, and runs a command as another user, who has no home. */
const READ_ONLY = `
mount --bind . .
mount -o remount,bind,ro .
cd "$PWD"
exec setpriv --reuid=65532 --clear-groups "$@"`;

suite('npm start', { skip: process.platform !== 'linux' && 'needs mount namespaces' }, () => {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const inNamespace = (script: string) => [...asRoot, '--mount', '--', 'sh', '-c', script, 'sh', ...START];

  test('works where libatomic is not installed, as on bare Debian and Ubuntu images', async (t) => {
    const started = runProcess(t, 'unshare', inNamespace(WITHOUT_LIBATOMIC));
    await started.says(/Stop with Ctrl-C\./);
    assert.doesNotMatch(started.stdout(), /not answered|no decision/);
  });

  const isRoot = asRoot.length === 0;
  test('works in a read-only checkout of another user', { skip: !isRoot && 'needs root' }, async (t) => {
    const env = { HOME: '/nonexistent', TMPDIR: '/tmp' };
    const started = runProcess(t, 'unshare', inNamespace(READ_ONLY), { env });
    await started.says(/Stop with Ctrl-C\./);
    assert.match(started.stdout(), /^ {2}curl --cacert \/tmp\/eci-ram-role-webhook-\w+\/ca-\d+\.crt /m);
    started.child.kill('SIGTERM');
  });

  test('reads relative paths from the directory in which the user stands', async (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'mine.yaml'), allowlistYaml({ roles: '[]' }));
    const [npm, ...args] = [...START, '--allowlists=mine.yaml'];
    const started = runProcess(t, npm, ['--prefix', PROJECT, ...args], { cwd: directory });
    await started.says(/Stop with Ctrl-C\./);
    assert.match(started.stdout(), /its allowlists are mine\.yaml\.\n/);
    assert.match(started.stdout(), /names the role ECIRamRoleTest\n {2}denied/);
  });

  test('reports in one line that there is no directory for temporary files', async (t) => {
    const started = runProcess(t, START[0], START.slice(1), { env: { TMPDIR: '/dev/null' } });
    assert.equal(await started.ended, 1);
    assert.match(started.stderr(), /^\/dev\/null: expected a directory for temporary files, found .*\n$/);
  });
});

suite('before npm ci', () => {
  for (const script of ['start', 'build', 'cluster']) {
    test(`npm run ${script} reports in one line to run it`, async (t) => {
      const directory = temporaryDirectory(t);
      mkdirSync(join(directory, 'scripts'));
      for (const file of ['package.json', 'scripts/run.js']) {
        cpSync(join(PROJECT, file), join(directory, file));
      }
      const started = runProcess(t, 'npm', ['run', '--silent', script], { cwd: directory });
      assert.equal(await started.ended, 1);
      assert.equal(`${started.stdout()}${started.stderr()}`, 'packages are missing: run "npm ci" first\n');
    });
  }

  test('an old Node that is used although npm installs none here is reported in one line', async (t) => {
    const old = "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.1.0' })";
    const started = runProcess(t, 'node', ['--import', old, 'scripts/run.js', 'src/quickstart/main.ts']);
    assert.equal(await started.ended, 1);
    assert.match(started.stderr(), /^expected Node 24 or later, found v[^\n]*\n$/);
  });
});

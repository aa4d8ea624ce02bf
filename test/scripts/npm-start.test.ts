import assert from 'node:assert/strict';
import process from 'node:process';
import { suite, test } from 'node:test';
import { runProcess } from '../support/run-process.ts';

const START = ['npm', 'start', '--silent', '--', '--secure-port=0', '--probe-port=0'] as const;

/** Hides the library that Node 26 is linked to, as if it were not installed, and runs a command. */
const WITHOUT_LIBATOMIC = `
for library in $(/sbin/ldconfig -p | sed -n 's/.*libatomic.*=> //p'); do mount --bind /dev/null "$library"; done
exec "$@"`;

suite('npm start', { skip: process.platform !== 'linux' && 'needs mount namespaces' }, () => {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];

  test('works where libatomic is not installed, as on bare Debian and Ubuntu images', async (t) => {
    const command = [...asRoot, '--mount', '--', 'sh', '-c', WITHOUT_LIBATOMIC, 'sh', ...START];
    const started = runProcess(t, 'unshare', command);
    await started.says(/Stop with Ctrl-C\./);
    assert.doesNotMatch(started.stdout(), /not answered|no decision/);
  });
});

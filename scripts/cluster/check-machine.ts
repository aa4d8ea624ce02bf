import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { findTools } from '../../test/e2e/harness/find-tools.ts';
import { checkLowPorts } from '../../test/e2e/harness/low-ports.ts';

/** Throws one line that names the first thing a cluster needs and this machine has not, and how to get it. */
export function checkMachine(): void {
  if (process.platform !== 'linux') {
    throw new Error(`a cluster of local processes needs Linux, found ${process.platform}`);
  }
  findTools('npm run cluster:tools');
  checkLowPorts();
  checkNamespaces();
}

/** Containers are processes in mount namespaces of their own. */
function checkNamespaces(): void {
  const asRoot = process.getuid?.() === 0 ? [] : ['--map-root-user'];
  const { error, status, stderr } = spawnSync(
    'unshare',
    [...asRoot, '--mount', '--uts', '--', 'setpriv', '--pdeathsig', 'KILL', '--', 'true'],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    const reason = error?.message ?? stderr.trim().replaceAll('\n', '; ');
    throw new Error(`containers need util-linux, and root or leave to make user namespaces: ${reason}`);
  }
}

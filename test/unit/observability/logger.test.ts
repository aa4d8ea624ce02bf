import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { runProcess } from '../../support/run-process.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';

const LOGGER = join(import.meta.dirname, '../../../src/observability/logger.ts');

suite('createLogger', () => {
  test('says how many lines it has dropped, once its reader reads on', async (t) => {
    const script = join(temporaryDirectory(t), 'script.ts');
    writeFileSync(
      script,
      `import { createLogger } from ${JSON.stringify(LOGGER)};
       const { logger, flush } = createLogger('info');
       for (let line = 0; line < 200; line++) {
         logger.info({ text: 'x'.repeat(100_000) }, 'long');
       }
       const timer = setInterval(() => undefined, 1_000);
       process.once('SIGTERM', () => { clearInterval(timer); flush(); });
       process.stdout.write('written\\n');`,
    );
    const { child, ended, stderr, says, saysOnStderr } = runProcess(t, 'node', [script]);
    child.stderr?.pause();
    await says(/written/);
    child.stderr?.resume();
    const [, dropped] = await saysOnStderr(/"level":"warn".*"dropped":(\d+),"msg":"log lines dropped"/);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    const written = stderr().split('"msg":"long"').length - 1;
    assert.equal(written + Number(dropped), 200);
  });

  test('writes a line soon, though no other follows', async (t) => {
    const script = join(temporaryDirectory(t), 'script.ts');
    writeFileSync(
      script,
      `import { createLogger } from ${JSON.stringify(LOGGER)};
       createLogger('info').logger.info('alone');
       setInterval(() => undefined, 1_000);
       process.stdout.write('ready\\n');`,
    );
    const { saysOnStderr } = runProcess(t, 'node', [script]);
    await saysOnStderr(/"level":"info".*"msg":"alone"/);
  });

  test('writes the last lines of a process that ends without a flush', async (t) => {
    const script = join(temporaryDirectory(t), 'script.ts');
    writeFileSync(
      script,
      `import { createLogger } from ${JSON.stringify(LOGGER)};
       createLogger('info').logger.info('last');
       process.exit(3);`,
    );
    const { ended, stderr } = runProcess(t, 'node', [script]);
    assert.equal(await ended, 3);
    assert.match(stderr(), /"msg":"last"/);
  });

  test('does not end the process where nobody reads it', async (t) => {
    const script = join(temporaryDirectory(t), 'script.ts');
    writeFileSync(
      script,
      `import { createLogger } from ${JSON.stringify(LOGGER)};
       const { logger, flush } = createLogger('info');
       process.on('SIGTERM', () => { logger.info('a line'); setTimeout(() => { flush(); process.exit(7); }, 200); });
       setInterval(() => undefined, 1_000);
       process.stdout.write('ready\\n');`,
    );
    const { child, ended, says } = runProcess(t, 'node', [script]);
    await says(/ready/);
    child.stderr?.destroy();
    child.kill('SIGTERM');
    assert.equal(await ended, 7);
  });
});

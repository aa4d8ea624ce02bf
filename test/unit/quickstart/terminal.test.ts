import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { suite, test } from 'node:test';
import type { Cleanup } from '../../support/cleanup.ts';
import { PROJECT, type RunningProcess, runProcess } from '../../support/run-process.ts';
import { temporaryDirectory } from '../../support/temporary-directory.ts';
import { until } from '../../support/until.ts';

const COMMAND = 'npm start --silent -- --secure-port=0 --probe-port=0';
const NARRATION = /^The webhook listens on .*^Stop with Ctrl-C\.$/ms;

/** Runs the quickstart in a pseudo-terminal. */
function startInTerminal(t: Cleanup, env: Readonly<Record<string, string>>): RunningProcess {
  return runProcess(t, 'script', ['--quiet', '--flush', '--return', '--command', COMMAND, '/dev/null'], {
    env: { TMPDIR: temporaryDirectory(t), HOME: temporaryDirectory(t), ...env },
  });
}

/** Waits for the narration; returns it as it stands on the screen. */
async function readNarration({ says, stdout }: RunningProcess): Promise<string> {
  await says(/^Stop with Ctrl-C\.\r?$/m);
  const [narration = ''] = NARRATION.exec(stdout().replaceAll('\r', '')) ?? [];
  return narration;
}

suite('npm start in a terminal', {
  skip: process.platform !== 'linux' && 'needs script of util-linux',
}, () => {
  test('prints the output that README shows, without a log line in between', async (t) => {
    const narration = await readNarration(startInTerminal(t, { TERM: 'xterm-256color' }));
    const [port = ''] = /(?<=localhost:)\d+/.exec(narration) ?? [];
    const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
    assert.ok(readme.includes(narration.replaceAll(port, '8443')), narration);
  });

  for (const { title, env, isColored } of [
    { title: 'in colors', env: { TERM: 'xterm-256color' }, isColored: true },
    { title: 'without colors if NO_COLOR is set', env: { TERM: 'xterm', NO_COLOR: '1' }, isColored: false },
    { title: 'without colors if TERM is dumb', env: { TERM: 'dumb' }, isColored: false },
  ]) {
    test(`then logs, a line for each decision, ${title}`, async (t) => {
      const started = startInTerminal(t, env);
      const narration = await readNarration(started);
      const [, curl = ''] = /^ {2}(curl .*)$/m.exec(narration) ?? [];
      runProcess(t, 'sh', ['-c', curl.replace(/--cacert \S+/, '--insecure')]);
      await until('the decision in the log', () => started.stdout().includes('invalid-name'));
      const log = started.stdout().split(/^Stop with Ctrl-C\.\r\n/m)[1] ?? '';
      assert.match(log, /^[^\n]*WARN[^\n]*decided[^\n]*\n$/);
      assert.equal(log.includes('\u001b['), isColored);
    });
  }

  test('shows the other log lines of the start after the narration', async (t) => {
    const started = startInTerminal(t, {
      ECI_RAM_ROLE_WEBHOOK_ALLOWLISTS: join(PROJECT, 'examples/allowlist.yaml'),
      NO_COLOR: '1',
    });
    await readNarration(started);
    await until('a line', () =>
      /Stop with.*INFO: objects of other kinds ignored \{"kinds":\{"Namespace":1\}\}/s.test(started.stdout()),
    );
  });
});

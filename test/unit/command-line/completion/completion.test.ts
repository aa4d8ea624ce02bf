import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { runCommand } from '../../../builders/command-line.ts';
import { PROJECT, runProcess } from '../../../support/run-process.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

const MAIN = join(PROJECT, 'src/command-line/main.ts');

suite('candidates', () => {
  const cases = [
    { words: [''], has: /^check\t.*\n(?:.*\n)*who-can\t/m, files: false },
    { words: ['check', '-'], has: /^--allowlists\t.*$/m, files: false },
    { words: ['check', '--output', ''], has: /^text\njson\njunit\nsarif\n/, files: false },
    { words: ['check', '--output=j'], has: /^--output=json$/m, files: false },
    { words: ['check', '--output', '=', 'j'], has: /^json$/m, files: false },
    { words: ['check', '-o', ''], has: /^sarif$/m, files: false },
    { words: ['check', '-f', ''], has: /^/, files: true },
    { words: ['check', '-n', ''], has: /^/, files: false },
    { words: ['test', ''], has: /^/, files: true },
    { words: ['completion', ''], has: /^bash\nzsh\nfish\nkubectl\n/, files: false },
    { words: ['absent', ''], has: /^/, files: false },
  ];
  for (const { words, has, files } of cases) {
    test(`of ${JSON.stringify(words)}${files ? ', and files' : ''}`, async () => {
      const { code, stdout } = await runCommand(['__complete', ...words]);
      assert.equal(code, 0);
      assert.match(stdout, has);
      assert.equal(stdout.trimEnd().split('\n').at(-1), files ? ':0' : ':4');
    });
  }
});

/** Puts eci-ram-role on the PATH of a shell, and runs a script in it. */
async function inShell(t: TestContext, shell: string, script: string): Promise<readonly string[]> {
  const directory = temporaryDirectory(t);
  const program = join(directory, 'eci-ram-role');
  writeFileSync(program, `#!/bin/sh\nexec ${process.execPath} ${MAIN} "$@"\n`);
  chmodSync(program, 0o755);
  const { ended, stdout, stderr } = runProcess(t, 'sh', [
    '-c',
    `PATH="${directory}:$PATH" exec ${shell} -c '${script}'`,
  ]);
  assert.equal(await ended, 0, stderr());
  return stdout().trim().split('\n');
}

suite('completion', () => {
  const completed = [
    { words: ['eci-ram-role', 'ch'], expected: ['check'] },
    { words: ['eci-ram-role', 'check', '--out'], expected: ['--output'] },
    { words: ['eci-ram-role', 'check', '-o', 'j'], expected: ['json', 'junit'] },
    { words: ['eci-ram-role', 'check', '--output', '=', 's'], expected: ['sarif'] },
  ];
  for (const { words, expected } of completed) {
    test(`of bash completes ${words.join(' ')} with ${expected.join(', ')}`, async (t) => {
      const script = `source <(eci-ram-role completion bash); COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}; _eci_ram_role; printf "%s\\n" "\${COMPREPLY[@]}"`;
      assert.deepEqual(await inShell(t, 'bash', script), expected);
    });
  }

  test('has a script for each shell that it names, and for the plugin of kubectl', async () => {
    for (const shell of ['bash', 'zsh', 'fish', 'kubectl']) {
      const { code, stdout } = await runCommand(['completion', shell]);
      assert.equal(code, 0);
      assert.match(stdout, /eci-ram-role.* __complete|__complete/);
    }
    const { code, stderr } = await runCommand(['completion', 'tcsh']);
    assert.deepEqual([code, stderr], [2, 'SHELL: expected bash, zsh, fish, kubectl, found "tcsh"\n']);
  });
});

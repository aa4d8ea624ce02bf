// Runs the commands of README.md as they stand, in their order, in a copy of the project. Fails if a command fails, or if
// `npm start` prints another text in a terminal than README shows. With --write it puts the printed text into README, in both languages.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import process from 'node:process';

const PROJECT = join(import.meta.dirname, '..');
const README = join(PROJECT, 'README.md');
const TRANSLATION = join(PROJECT, 'README.zh-CN.md');
const START = 'npm start';
const FIRST_LINE = /^The webhook listens on/m;
const LAST_LINE = /^Stop with Ctrl-C\.$/m;
/** Runs a command in a pseudo-terminal: a reader has one, and in it the log goes to the same screen. */
const IN_TERMINAL = ['script', '--quiet', '--flush', '--return', '--command'] as const;
const START_TIMEOUT_MS = 30_000;

const readme = readFileSync(README, 'utf8');
const commands = [
  ...[...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n')),
  // What npm start says to type next.
  ...[...readme.matchAll(/^ {2}(curl .*)$/gm)].map(([, command = '']) => command),
];

/** Not part of a fresh checkout; the commands of README make what they need of it. */
const LEFT_OUT = ['.cache', '.git', 'dist', 'node_modules'];

// In a copy, because `npm ci` replaces node_modules, which other commands may be using.
const copy = mkdtempSync(join(tmpdir(), 'readme-'));
cpSync(PROJECT, copy, {
  recursive: true,
  filter: (path) => !LEFT_OUT.includes(relative(PROJECT, path)),
});

let server: ChildProcess | undefined;
try {
  for (const command of commands) {
    console.log(`$ ${command}`);
    if (command === START) {
      const [program, ...args] = IN_TERMINAL;
      server = spawn(program, [...args, command, '/dev/null'], {
        cwd: copy,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      checkNarration(await readNarration(server));
    } else {
      const printed = execFileSync('sh', ['-c', command], {
        cwd: copy,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      console.log(printed);
      if (command.startsWith('curl') && !printed.includes('"allowed":')) {
        throw new Error(`${command}\nexpected the answer to a review, found the above`);
      }
    }
  }
} finally {
  server?.kill();
  rmSync(copy, { recursive: true, force: true });
}
console.log(`README: ${commands.length} passed, 0 failed`);

function readNarration(child: ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const timeout = setTimeout(
    () => reject(new Error(`${START} printed too little in time:\n${printed}`)),
    START_TIMEOUT_MS,
  );
  let printed = '';
  child.stdout?.on('data', (chunk) => {
    printed += String(chunk).replaceAll('\r', '');
    if (LAST_LINE.test(printed)) {
      clearTimeout(timeout);
      resolve(printed.slice(printed.search(FIRST_LINE)).trimEnd());
    }
  });
  child.once('exit', (code) => reject(new Error(`${START} ended with code ${code}:\n${printed}`)));
  return promise;
}

function checkNarration(narration: string): void {
  const [, shown = ''] = /^```\n(The webhook listens on.*?)\n```$/ms.exec(readme) ?? [];
  if (process.argv.includes('--write')) {
    for (const path of [README, TRANSLATION]) {
      writeFileSync(
        path,
        readFileSync(path, 'utf8').replace(shown, () => narration),
      );
    }
  } else if (shown !== narration) {
    throw new Error(`README shows another output of ${START}; it is\n${narration}`);
  }
}

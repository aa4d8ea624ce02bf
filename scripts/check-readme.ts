// Runs the commands of README.md as they stand, in their order, and fails where one of them fails or where `npm start`
// prints anything else than README shows. With --write it puts the printed text into README, in both languages.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const PROJECT = join(import.meta.dirname, '..');
const README = join(PROJECT, 'README.md');
const TRANSLATION = join(PROJECT, 'README.zh-CN.md');
const START = 'npm start';
const FIRST_LINE = /^The webhook listens on/m;
const LAST_LINE = /^Stop with Ctrl-C\.$/m;
const START_TIMEOUT_MS = 30_000;

const readme = readFileSync(README, 'utf8');
const commands = [
  ...[...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block = '']) => block.trim().split('\n')),
  // What npm start says to type next.
  ...[...readme.matchAll(/^ {2}(curl .*)$/gm)].map(([, command = '']) => command),
];

let server: ChildProcess | undefined;
try {
  for (const command of commands) {
    console.log(`$ ${command}`);
    if (command === START) {
      server = spawn('sh', ['-c', `exec ${command}`], { cwd: PROJECT, stdio: ['ignore', 'pipe', 'inherit'] });
      checkNarration(await readNarration(server));
    } else {
      console.log(
        execFileSync('sh', ['-c', command], {
          cwd: PROJECT,
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        }),
      );
    }
  }
} finally {
  server?.kill();
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
    printed += chunk;
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

// Runs a TypeScript program of this project for npm: `node scripts/run.js src/quickstart/main.ts …`. JavaScript without
// imports of packages, so that it can report the first step that is missing on any Node, before `npm ci` too.
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const firstNode = Number.parseInt(engines.node.replace('>=', ''), 10);

if (!existsSync(new URL('../node_modules', import.meta.url))) {
  fail('packages are missing: run "npm ci" first');
}
if (Number.parseInt(process.versions.node, 10) < firstNode) {
  fail(`expected Node ${firstNode} or later, found ${process.version} (${process.execPath})`);
}

const [, , program] = process.argv;
process.argv.splice(1, 1);
// npm changes to the project's directory. A relative path is that of the directory in which the user typed it.
try {
  process.chdir(process.env.INIT_CWD ?? '.');
} catch {
  // The user may not enter it.
}
await import(new URL(`../${program}`, import.meta.url).href);

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

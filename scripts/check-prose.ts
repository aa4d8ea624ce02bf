// Checks the words and the length of sentences of every text that people read, and prints what to write instead. Takes
// the folder to check, this project's by default.
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { findProblems } from './prose/find-problems.ts';
import { NOT_YET_REWRITTEN, PROSE_FILES } from './prose/settings.ts';

const root = process.argv[2] ?? join(import.meta.dirname, '..');

let files = 0;
let problems = 0;
for (const { kind, patterns } of PROSE_FILES) {
  for (const path of globSync(patterns, { cwd: root }).sort()) {
    files++;
    const found = await findProblems(kind, readFileSync(join(root, path), 'utf8'));
    if (!NOT_YET_REWRITTEN.includes(path)) {
      for (const { line, column, message } of found) {
        report(`${path}:${line}:${column}: ${message}`);
      }
    } else if (found.length === 0) {
      report(`scripts/prose/settings.ts: ${path} is rewritten; remove it from NOT_YET_REWRITTEN`);
    }
  }
}
console.log(`prose: ${files} files, ${problems} problems`);
process.exitCode = problems > 0 ? 1 : 0;

function report(line: string): void {
  console.error(line);
  problems++;
}

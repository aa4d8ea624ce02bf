import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../../..');
const PARTS = [
  'LICENSE',
  'README.md',
  'charts',
  'examples',
  'package.json',
  'schemas',
  'scripts',
  'src',
  'test/e2e',
];

/** Copies what `npm run cluster` needs, without dist/, which it builds; a test may then change all of it. */
export function copyProject(target: string): void {
  mkdirSync(target);
  for (const part of PARTS) {
    cpSync(join(PROJECT, part), join(target, part), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(target, 'node_modules'));
}

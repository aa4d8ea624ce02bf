// Writes dist/: the server as one file, and the package.json of what is published, which depends on nothing.
// With REUSE_DIST=1 a dist/ that is there is not built again: the caller that sets it has built it from these sources.
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import packageJson from '../package.json' with { type: 'json' };
import { bundle, FIRST_NODE } from './bundle.ts';

const PROJECT = join(import.meta.dirname, '..');
const DIST = join(PROJECT, 'dist');
const CACHE = join(PROJECT, '.cache');
const BUNDLE = 'eci-ram-role-webhook.cjs';
/** The JSON Schemas of allowlists and of the command line. */
const SCHEMAS = 'schemas';

if (process.env['REUSE_DIST'] === '1' && existsSync(join(DIST, BUNDLE))) {
  console.log('dist/: reused');
} else {
  await build();
  console.log(`dist/${BUNDLE}: the server and the command line in one file, for Node ${FIRST_NODE} or later`);
  console.log(`Run it with: npx node dist/${BUNDLE} --help`);
}

/** Replaces each file at once, so that a program which reads dist/ meanwhile finds the old one or the new one. */
async function build(): Promise<void> {
  mkdirSync(DIST, { recursive: true });
  mkdirSync(CACHE, { recursive: true });
  const partial = mkdtempSync(join(CACHE, 'dist-'));
  try {
    await writeDist(partial);
    const files = readdirSync(partial);
    // A directory cannot replace one that has files.
    rmSync(join(DIST, SCHEMAS), { recursive: true, force: true });
    for (const file of files) {
      renameSync(join(partial, file), join(DIST, file));
    }
    for (const stale of readdirSync(DIST).filter((file) => !files.includes(file))) {
      rmSync(join(DIST, stale), { recursive: true });
    }
  } finally {
    rmSync(partial, { recursive: true });
  }
}

async function writeDist(directory: string): Promise<void> {
  await bundle(join(PROJECT, 'src/main.ts'), join(directory, BUNDLE));
  chmodSync(join(directory, BUNDLE), 0o755);

  const { name, version, description, license, engines } = packageJson;
  const bin = Object.fromEntries(Object.keys(packageJson.bin).map((name) => [name, BUNDLE]));
  const published = { name, version, description, license, bin, engines };
  writeFileSync(join(directory, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
  for (const file of ['README.md', 'LICENSE']) {
    copyFileSync(join(PROJECT, file), join(directory, file));
  }
  cpSync(join(PROJECT, SCHEMAS), join(directory, SCHEMAS), { recursive: true });
}

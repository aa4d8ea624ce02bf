// Writes dist/: the server as one file, and the package.json of what is published, which depends on nothing.
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };

const PROJECT = join(import.meta.dirname, '..');
const DIST = join(PROJECT, 'dist');
const BUNDLE = 'eci-ram-role-webhook.cjs';

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);

await build({
  entryPoints: [join(PROJECT, 'src/main.ts')],
  outfile: join(DIST, BUNDLE),
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'cjs',
  legalComments: 'eof',
  minifySyntax: true,
  minifyWhitespace: true,
  banner: { js: '#!/usr/bin/env node' },
  logLevel: 'warning',
});
chmodSync(join(DIST, BUNDLE), 0o755);

const { name, version, description, license, engines } = packageJson;
const published = { name, version, description, license, bin: { [name]: BUNDLE }, engines };
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const file of ['README.md', 'LICENSE']) {
  copyFileSync(join(PROJECT, file), join(DIST, file));
}

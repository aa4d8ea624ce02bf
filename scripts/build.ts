// Writes dist/: the server as one file, and the package.json of what is published, which depends on nothing.
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { bundle } from './bundle.ts';

const PROJECT = join(import.meta.dirname, '..');
const DIST = join(PROJECT, 'dist');
const BUNDLE = 'eci-ram-role-webhook.cjs';

rmSync(DIST, { recursive: true, force: true });
mkdirSync(DIST);

await bundle(join(PROJECT, 'src/main.ts'), join(DIST, BUNDLE));
chmodSync(join(DIST, BUNDLE), 0o755);

const { name, version, description, license, engines } = packageJson;
const published = { name, version, description, license, bin: { [name]: BUNDLE }, engines };
writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const file of ['README.md', 'LICENSE']) {
  copyFileSync(join(PROJECT, file), join(DIST, file));
}

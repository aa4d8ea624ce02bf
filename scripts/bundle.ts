import { build } from 'esbuild';
import packageJson from '../package.json' with { type: 'json' };

/** The first Node that runs the bundle. */
export const FIRST_NODE = Number.parseInt(packageJson.engines.node.replace('>=', ''), 10);

/** Runs before all else, on any Node that can parse the bundle. A directive after it would have no effect. */
const BANNER = `#!/usr/bin/env node
"use strict";if(parseInt(process.versions.node)<${FIRST_NODE}){process.stderr.write("expected Node ${FIRST_NODE} or later, found "+process.version+" ("+process.execPath+")\\n");process.exit(1)}`;

/** Writes a program and all that it imports as one file, which a Node without node_modules runs. */
export async function bundle(entryPoint: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entryPoint],
    outfile,
    bundle: true,
    platform: 'node',
    target: `node${FIRST_NODE}`,
    format: 'cjs',
    legalComments: 'external',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: BANNER },
    logLevel: 'warning',
  });
}

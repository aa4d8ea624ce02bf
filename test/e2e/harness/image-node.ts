import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const INSTALLED = join(import.meta.dirname, '../../../.ci/node-26/node_modules/.bin/node');

/** The Node of the image if `npm ci --prefix .ci/node-26` has installed it, as CI does; else the Node of this process. */
export const IMAGE_NODE = existsSync(INSTALLED) ? INSTALLED : process.execPath;

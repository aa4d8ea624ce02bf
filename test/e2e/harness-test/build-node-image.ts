import { join } from 'node:path';
import type { ProcessImage } from '../harness/node-agent/image-map.ts';

/** An image that runs one of this folder's scripts with the Node that runs the tests. */
export function buildNodeImage(script: string): ProcessImage {
  return {
    run: 'process',
    files: {
      '/nodejs/node': process.execPath,
      [`/app/${script}`]: join(import.meta.dirname, script),
    },
    entrypoint: ['/nodejs/node', `/app/${script}`],
  };
}

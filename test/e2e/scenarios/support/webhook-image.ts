import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { IMAGE_NODE } from '../../harness/image-node.ts';
import type { ProcessImage } from '../../harness/node-agent/image-map.ts';

const BUNDLE = join(import.meta.dirname, '../../../../dist/eci-ram-role-webhook.cjs');

/** The image that the Dockerfile builds, as far as a process can tell. */
export function webhookImage(): ProcessImage {
  if (!existsSync(BUNDLE)) {
    throw new Error('dist/eci-ram-role-webhook.cjs: expected the bundle, found none; npm run build makes it');
  }
  return {
    run: 'process',
    files: { '/nodejs/node': IMAGE_NODE, '/app/eci-ram-role-webhook.cjs': BUNDLE },
    entrypoint: ['/nodejs/node', '--max-semi-space-size=2', '/app/eci-ram-role-webhook.cjs'],
    env: { PATH: '/nodejs:/usr/bin:/bin' },
    user: 65_532,
  };
}

import type { Attack, Topic } from '../support/attack.ts';
import { allowlists } from './allowlists.ts';
import { bindings, bindingsWithoutApiServer } from './bindings.ts';
import { connections } from './connections.ts';
import { handshakes } from './handshakes.ts';
import { heldBodies } from './held-bodies.ts';
import { honestLoad } from './honest-load.ts';
import { json } from './json.ts';
import { largeRequests } from './large-requests.ts';
import { pipelining } from './pipelining.ts';
import { probePort } from './probe-port.ts';

/** Every attack that was seen to succeed, and its relatives. */
export const TOPICS: readonly Topic[] = [
  { name: 'JSON that costs', source: 'file', replicas: 1, attacks: json },
  { name: 'large requests', source: 'file', replicas: 1, attacks: largeRequests },
  { name: 'held bodies', source: 'file', replicas: 2, attacks: heldBodies },
  { name: 'held connections', source: 'file', replicas: 2, attacks: connections },
  { name: 'the probe port', source: 'file', replicas: 2, attacks: probePort },
  { name: 'pipelining', source: 'file', replicas: 1, attacks: pipelining },
  { name: 'handshakes', source: 'file', replicas: 1, attacks: handshakes },
  { name: 'Bindings without an API server', source: 'file', replicas: 1, attacks: bindingsWithoutApiServer },
  { name: 'Bindings', source: 'cluster', replicas: 1, attacks: bindings },
  { name: 'allowlists', source: 'cluster', replicas: 1, attacks: allowlists },
  { name: 'honest load', source: 'file', replicas: 1, attacks: honestLoad },
];

/** @throws if there is none of this name */
export function findAttack(name: string): Attack {
  const found = TOPICS.flatMap(({ attacks }) => attacks).find((attack) => attack.name === name);
  if (found === undefined) {
    throw new Error(`no attack ${name}`);
  }
  return found;
}

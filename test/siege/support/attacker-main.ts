// The process of the attackers: runs the attack of this name against the replicas given as JSON, until it is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { findAttack } from '../attacks/all.ts';
import type { Replica } from './attack.ts';
import { progress } from './attacker.ts';
import { onMessage, sendToParent } from './child.ts';

const [, , name = '', replicas = '[]'] = process.argv;
const stopping = new AbortController();
let complaint: unknown = '';
let isDone = false;

onMessage(() => {
  stopping.abort();
  sendToParent({ opened: progress.opened, complaint });
});
void run();
while (!isDone && (progress.expected === 0 || progress.tried < progress.expected)) {
  await sleep(50);
}
sendToParent('at strength');

async function run(): Promise<void> {
  const { run: attack } = findAttack(name);
  const targets: readonly Replica[] = JSON.parse(replicas);
  const complaints = await Promise.all(targets.map((replica) => attack?.(replica, stopping.signal)));
  complaint = complaints.find((found) => typeof found === 'string') ?? '';
  isDone = true;
  sendToParent('done');
}

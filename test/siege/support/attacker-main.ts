// The process of the attackers: runs the attack of this name against the replicas given as JSON, until it is killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { findAttack } from '../attacks/all.ts';
import { progress } from './attacker.ts';
import { onMessage, sendToParent } from './child.ts';

const [, , name = '', replicas = '[]'] = process.argv;
const stopping = new AbortController();
let complaint: unknown;
let isDone = false;

onMessage(() => {
  stopping.abort();
  sendToParent({ opened: progress.opened, complaint: typeof complaint === 'string' ? complaint : '' });
});
void run();
while (!isDone && (progress.expected === 0 || progress.tried < progress.expected)) {
  await sleep(50);
}
sendToParent('at strength');

async function run(): Promise<void> {
  complaint = await findAttack(name).run?.(JSON.parse(replicas), stopping.signal);
  isDone = true;
  sendToParent('done');
}

// The process of the attackers: runs the attack of this name against the replicas given as JSON, until it is killed.
import { findAttack } from '../attacks/all.ts';
import { onMessage } from './child.ts';

const [, , name = '', replicas = '[]', durationMs = '0'] = process.argv;
onMessage(() => undefined);
const complaint = await findAttack(name).run?.(JSON.parse(replicas), AbortSignal.timeout(Number(durationMs)));
process.send?.(typeof complaint === 'string' ? complaint : '');

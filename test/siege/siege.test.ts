// Attacks the built bundle within the memory of the chart's default limit, while an honest client asks. Needs dist/.
import assert from 'node:assert/strict';
import { after, suite, test } from 'node:test';
import { TOPICS } from './attacks/all.ts';
import type { Attack, Topic } from './support/attack.ts';
import { askHonestly, type Fortune } from './support/honest-client.ts';
import { type Installation, install } from './support/installation.ts';
import { besiege, type Outcome } from './support/siege.ts';
import { findBreaches, formatOutcomes } from './support/verdict.ts';

const CONTROL_MS = 4_000;
/** How many attacks of each topic there are; all of them if the variable is not set. */
const ATTACKS_PER_TOPIC = Number(process.env['SIEGE_ATTACKS'] || Number.POSITIVE_INFINITY);
const outcomes: Outcome[] = [];

// Without a listener a signal ends this process alone, and its children live on.
process.once('SIGINT', () => process.exit(1)).once('SIGTERM', () => process.exit(1));

after(() => {
  process.stdout.write(`${formatOutcomes(outcomes)}\n`);
});

for (const topic of TOPICS) {
  suite(topic.name, () => {
    const installations = createInstallations(topic);
    after(installations.stop);
    for (const attack of topic.attacks.slice(0, ATTACKS_PER_TOPIC)) {
      test(attack.name, async (t) => {
        const control = await installations.measureControl(attack);
        const installation = await installations.get(attack);
        t.diagnostic(installation.replicas.map(({ memoryLimit }) => memoryLimit).join(', '));
        const outcome = await besiege(attack, installation, control);
        outcomes.push(outcome);
        t.diagnostic(formatOutcomes([outcome]));
        const breaches = findBreaches(outcome);
        if (breaches.length > 0 || attack.lists !== undefined || attack.changeLists !== undefined) {
          await installations.stop();
        }
        assert.deepEqual(breaches, []);
      });
    }
  });
}

/** The installation of a topic: shared by its attacks, made anew after one that succeeded or has lists of its own. */
function createInstallations(topic: Topic) {
  const controls = new Map<string, Fortune>();
  let current: Installation | undefined;
  const stop = async () => {
    await current?.stop();
    current = undefined;
  };
  return {
    stop,
    get: async (attack: Attack) => {
      if (attack.lists !== undefined) {
        await stop();
      }
      current ??= await install(topic, attack);
      return current;
    },
    measureControl: async ({ honest: kinds = ['pod'] }: Attack): Promise<Fortune> => {
      const key = kinds.join();
      const known = controls.get(key);
      if (known !== undefined) {
        return known;
      }
      current ??= await install(topic);
      const control = await askHonestly(current.replicas, kinds, AbortSignal.timeout(CONTROL_MS));
      controls.set(key, control);
      return control;
    },
  };
}

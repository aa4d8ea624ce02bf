import { setTimeout as sleep } from 'node:timers/promises';

const PATIENCE_MS = 20_000;
const PAUSE_MS = 20;

/**
 * Asks again and again, and resolves to the first answer that is neither undefined nor false.
 *
 * @throws where none comes in time, which says what was waited for
 */
export async function until<Answer>(
  what: string,
  ask: () => Answer | Promise<Answer>,
): Promise<Exclude<Answer, undefined | false>> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (isAnswer(answer)) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited in vain: ${what}`);
    }
    await sleep(PAUSE_MS);
  }
}

function isAnswer<Answer>(answer: Answer): answer is Exclude<Answer, undefined | false> {
  return answer !== undefined && answer !== false;
}

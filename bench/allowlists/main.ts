// Measures whole reviews against more and more allowlists, in a process of its own, and prints AllowlistFigures as JSON.

import { readSettings } from '../settings.ts';
import { median } from '../statistics.ts';
import type { AllowlistFigures } from './figures.ts';
import { answerReview, preparePolicy, timed } from './subject.ts';

const UNSEEN_NAMESPACES = 25;

const { allowlistCounts, allowlistRounds, reviewsPerRound } = readSettings(process.argv);

const subjects = allowlistCounts.map((count) => ({
  count,
  ...preparePolicy(count),
  reviewUs: [] as number[],
}));

for (let round = -1; round < allowlistRounds; round++) {
  for (const { policy, reviewUs } of subjects) {
    const [, ms] = timed(() => {
      for (let review = 0; review < reviewsPerRound; review++) {
        answerReview(policy);
      }
    });
    // The first round warms up.
    if (round >= 0) {
      reviewUs.push((ms / reviewsPerRound) * 1_000);
    }
  }
}

const figures: readonly AllowlistFigures[] = subjects.map(
  ({ count, policy, loadMs, checkMs, compileMs, reviewUs }) => ({
    count,
    ...(loadMs !== undefined && { loadMs }),
    checkMs,
    compileMs,
    reviewUs: median(reviewUs),
    ratio: median(reviewUs.map((us, round) => us / (subjects[0]?.reviewUs[round] ?? Number.NaN))),
    unseenNamespaceUs: median(
      Array.from(
        { length: UNSEEN_NAMESPACES },
        (_, index) => timed(() => policy.select(`unseen-${index}`, new Map()))[1] * 1_000,
      ),
    ),
  }),
);
console.log(JSON.stringify(figures));

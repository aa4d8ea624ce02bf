import * as z from 'zod';
import type { Decision } from '../admission/decision.ts';
import { buildResponse, InvalidReviewError, parseReview } from '../admission/review.ts';
import { SERVER_OPTIONS } from '../config/options.ts';
import { optionInfo } from '../config/parse.ts';
import { oneOf } from '../config/values.ts';
import { PATHS } from '../routes.ts';
import { type FileProblem, formatPosition } from '../sources/files/objects.ts';
import { UsableError } from '../text/problem.ts';
import { defineCommand, ExitCode } from './command.ts';
import { listInputs } from './manifests/inputs.ts';
import { failOnProblems, type Manifest, readManifests } from './manifests/objects.ts';
import { filenameOption, outputOption, POLICY_OPTIONS } from './options.ts';
import { type Output, printJson } from './output.ts';
import { NO_CALLER, type PolicyView, readPolicyView } from './policy-view.ts';

/** The output of `review --output json`. */
const REVIEW_RESULT = z
  .object({
    command: z.literal('review'),
    answers: z.array(
      z.object({
        path: z.string().meta({ description: 'The path of the webhook.' }),
        outcome: z.string(),
        reason: z.string(),
        review: z.looseObject({}).meta({ description: 'The AdmissionReview that the webhook answers.' }),
      }),
    ),
  })
  .meta({ title: 'Output of eci-ram-role review --output json' });

type Answer = Readonly<{ path: string; uid: string; decision: Decision }>;

/** Answers AdmissionReviews offline, as the webhook would. */
export const reviewCommand = defineCommand({
  name: 'review',
  summary: 'what would the webhook answer to this AdmissionReview?',
  description:
    'Answers AdmissionReviews as the webhook would. Each path that decides the request answers it; the object is the same for all.',
  options: z.object({
    filename: filenameOption('AdmissionReviews'),
    path: oneOf(PATHS).optional().register(optionInfo, {
      argument: 'path',
      description: 'the only path that answers (default: every path that decides the request)',
    }),
    ...POLICY_OPTIONS,
    workloadsAction: SERVER_OPTIONS.shape.workloadsAction,
    injectorsAction: SERVER_OPTIONS.shape.injectorsAction,
    output: outputOption(),
  }),
  examples: [
    {
      purpose: 'Answer a review that a server recorded',
      command: 'review -f examples/reviews/1-allowed-role.json --allowlists examples/allowlists.yaml',
    },
  ],
  result: REVIEW_RESULT,
  run: async (options, _args, { output, now }) => {
    const view = await readPolicyView(options, now);
    const problems: FileProblem[] = [];
    const answers: Answer[] = [];
    for (const input of await listInputs(options.filename)) {
      for (const manifest of readManifests(input, problems)) {
        answers.push(...(await answer(manifest, view, options.path)));
      }
    }
    failOnProblems(problems);
    if (options.output === 'json') {
      printJson(output, toJson(answers));
    } else {
      printAnswers(answers, output);
    }
    return answers.some(({ decision }) => decision.denial !== undefined) ? ExitCode.found : ExitCode.clean;
  },
});

async function answer(
  { value, positionOf }: Manifest,
  { routes }: PolicyView,
  only: string | undefined,
): Promise<readonly Answer[]> {
  const request = orUnusable(() => parseReview(value), formatPosition(positionOf([])));
  const answers: Answer[] = [];
  for (const [path, decide] of Object.entries(routes)) {
    if (only === undefined || only === path) {
      answers.push({ path, uid: request.uid, decision: await decide(request, NO_CALLER) });
    }
  }
  return only === undefined ? answers.filter(({ decision }) => decision.reason !== 'not-decided') : answers;
}

function orUnusable<Value>(parse: () => Value, location: string): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof InvalidReviewError) {
      throw new UsableError(`${location}: ${error.message}`);
    }
    throw error;
  }
}

function toJson(answers: readonly Answer[]): z.input<typeof REVIEW_RESULT> {
  return {
    command: 'review',
    answers: answers.map(({ path, uid, decision }) => ({
      ...{ path, outcome: decision.outcome, reason: decision.reason },
      review: { ...buildResponse(uid, decision) },
    })),
  };
}

function printAnswers(answers: readonly Answer[], { print, style }: Output): void {
  for (const { path, decision } of answers) {
    const { denial, outcome, reason, patch, warnings, auditAnnotations } = decision;
    const verdict =
      denial === undefined ? style('green', 'allowed') : style('red', `denied (${denial.code})`);
    print(`${path}: ${verdict}: ${denial?.message ?? `${outcome} (${reason})`}`);
    for (const warning of warnings) {
      print(`  ${style('yellow', 'warning')}: ${warning}`);
    }
    for (const operation of patch) {
      print(`  patch: ${JSON.stringify(operation)}`);
    }
    for (const [key, value] of Object.entries(auditAnnotations)) {
      print(`  audit: ${key}=${value}`);
    }
  }
  if (answers.length === 0) {
    print('allowed: no path of the webhook decides this request');
  }
}

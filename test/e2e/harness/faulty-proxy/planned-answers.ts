import type { ServerResponse } from 'node:http';
import type { RequestKind } from './describe-request.ts';

export type PlannedAnswer = {
  verb: 'list' | 'watch';
  status: 401 | 403 | 410 | 429 | 500;
  /** How many of the next such requests get it; 1 when left out. */
  count?: number;
  /** Only requests whose path ends in this, such as /namespaces; all when left out. */
  path?: string;
  /** For a watch: status 200 and one ERROR event, which is how the API server tells 410 most of the time. */
  asEvent?: boolean;
};

const reasons = {
  401: 'Unauthorized',
  403: 'Forbidden',
  410: 'Expired',
  429: 'TooManyRequests',
  500: 'InternalError',
} as const;

/** A queue of answers that are given in place of the API server's. */
export type PlannedAnswers = {
  add(answer: PlannedAnswer): void;
  /** Takes the first that fits the request; undefined when the API server shall answer. */
  take(request: RequestKind): PlannedAnswer | undefined;
};

export function createPlannedAnswers(): PlannedAnswers {
  const queue: { answer: PlannedAnswer; left: number }[] = [];
  return {
    add: (answer) => queue.push({ answer, left: answer.count ?? 1 }),
    take(request) {
      const entry = queue.find(
        ({ answer }) => answer.verb === request.verb && request.path.endsWith(answer.path ?? ''),
      );
      if (entry === undefined) {
        return undefined;
      }
      entry.left -= 1;
      if (entry.left === 0) {
        queue.splice(queue.indexOf(entry), 1);
      }
      return entry.answer;
    },
  };
}

/** Answers with a Status object, as the API server would. */
export function sendPlannedAnswer({ status, asEvent }: PlannedAnswer, response: ServerResponse): void {
  const object = {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', code: status },
    reason: reasons[status],
    message: `${reasons[status]} by the faulty proxy`,
  };
  response.setHeader('content-type', 'application/json');
  if (asEvent === true) {
    response.end(`${JSON.stringify({ type: 'ERROR', object })}\n`);
    return;
  }
  response.statusCode = status;
  if (status === 429) {
    response.setHeader('retry-after', '1');
  }
  response.end(`${JSON.stringify(object)}\n`);
}

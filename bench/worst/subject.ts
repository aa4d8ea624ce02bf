import { buildResponse, parseReview } from '../../src/admission/review.ts';
import type { DecideRequest } from '../../src/admission/route.ts';
import { parseBody } from '../../src/http/body.ts';
import { createRoutes } from '../../src/routes.ts';
import { callerAt } from '../../test/builders/caller.ts';
import { allowlistOf, policyOf } from '../../test/builders/policy.ts';

const ALLOWLISTS = 1_000;
const NAMESPACES = 2_000;
const CALLER = callerAt('127.0.0.1');

/** All paths, for a cluster of 1,000 allowlists and 2,000 namespaces; 20 allowlists of 256 roles select `payments`. */
export function createSubject(): Readonly<Record<string, DecideRequest>> {
  const policy = policyOf(
    list(ALLOWLISTS, (index) =>
      allowlistOf(`list-${index}`, {
        violationAction: 'Warn',
        namespaces: [`team-${index}${index % 2 === 0 ? '' : '-*'}`, ...(index < 20 ? ['payments'] : [])],
        roles: list(index < 20 ? 256 : 4, (role) => `role-${index}-${role}${role % 2 === 0 ? '' : '*'}`),
      }),
    ),
    { unlistedNamespaces: 'Warn' },
  );
  const namespaces = new Map(
    list(NAMESPACES, (index) => [
      `team-${index}`,
      new Map([
        ['kubernetes.io/metadata.name', `team-${index}`],
        ['team', `${index % 50}`],
      ]),
    ]),
  );
  const labels = new Map<string, string>();
  return createRoutes(
    {
      getPolicy: () => policy,
      now: Date.now,
      getNamespaceLabels: () => labels,
      getNamespaces: () => namespaces,
      findExceededBound: () => undefined,
      getPodRole: async () => ({ ok: true, value: 'reader' }),
    },
    {
      ...{ workloadsAction: 'Deny', injectorsAction: 'Deny' },
      ...{ excludedNamespaces: ['kube-system'], unmutatedNamespaces: [], ownMetadataKinds: [] },
    },
  );
}

/** Answers a body as the server does, but for the connection; tells the decision, or why there is none. */
export async function answer(decide: DecideRequest, body: Buffer): Promise<string> {
  const parsed = parseBody(body);
  if (!parsed.ok) {
    return parsed.problem.reason;
  }
  try {
    const review = parseReview(parsed.value);
    const decision = await decide(review, () => CALLER);
    JSON.stringify(buildResponse(review.uid, decision));
    return `${decision.outcome}, ${decision.reason}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function list<Item>(count: number, item: (index: number) => Item): Item[] {
  return Array.from({ length: count }, (_, index) => item(index));
}

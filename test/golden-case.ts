import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Decision, Phase } from '../src/admission/decision.ts';
import type { AdmissionReviewResponse } from '../src/admission/respond.ts';
import { compilePolicy, type Policy, type PolicySettings } from '../src/policy/policy.ts';
import type { Allowlist } from '../src/policy/schema/allowlist.ts';
import { parseAllowlist } from '../src/policy/schema/parse.ts';

const FIXTURES = new URL('fixtures/', import.meta.url);

/** What one pass is expected to answer, in the form of a fixture's expected.json. */
export type Answer = Readonly<{
  decision: string;
  reason: string;
  allowlists: readonly string[];
  conflictsWith?: readonly string[];
  allowed: boolean;
  status?: unknown;
  warnings: readonly string[];
  auditAnnotations: Readonly<Record<string, string>>;
  patch: readonly unknown[];
}>;

/** A fixture folder: a review, the allowlists and settings it meets, and what is expected of both passes. */
export type GoldenCase = Readonly<{
  review: unknown;
  allowlists: readonly Allowlist[];
  settings: PolicySettings;
  policy: Policy;
  now: number;
  expected: Readonly<Record<Phase, Answer>>;
  /** The pod after the mutating pass's patch; undefined where it does not patch. */
  podAfter: unknown;
}>;

export const goldenCaseNames: readonly string[] = readdirSync(FIXTURES, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

export function readGoldenCase(name: string): GoldenCase {
  const folder = new URL(`${name}/`, FIXTURES);
  const { now, ...settings } = {
    now: '2026-11-25T10:00:00Z',
    unlistedNamespaces: 'Deny',
    protectedRoles: ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'],
    eciDetection: 'markers',
    ...readOptionalJson(new URL('settings.json', folder), {}),
  };
  const allowlists = readAllowlists(new URL('allowlists.yaml', folder));
  return {
    review: JSON.parse(readFileSync(new URL('review.json', folder), 'utf8')),
    allowlists,
    settings,
    policy: compilePolicy(allowlists, settings),
    now: Date.parse(now),
    expected: JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')),
    podAfter: readOptionalJson(new URL('pod-after.json', folder), undefined),
  };
}

/** All that a decision and its response say, in the form of a fixture's expected.json. */
export function toAnswer(decision: Decision, { response }: AdmissionReviewResponse): Answer {
  const { conflictsWith = [] } = decision;
  return {
    decision: decision.outcome,
    reason: decision.reason,
    allowlists: decision.allowlists,
    ...(conflictsWith.length > 0 && { conflictsWith }),
    allowed: response.allowed,
    ...(response.status && { status: response.status }),
    warnings: response.warnings ?? [],
    auditAnnotations: response.auditAnnotations ?? {},
    patch: decodePatch(response.patch),
  };
}

/** The operations of an AdmissionResponse's patch; none where it has no patch. */
export function decodePatch(patch: string | undefined): readonly unknown[] {
  return patch === undefined ? [] : JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
}

function readAllowlists(file: URL): Allowlist[] {
  return parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
    const { allowlist, problems } = parseAllowlist(document.toJS());
    assert.deepEqual(problems, undefined);
    assert.ok(allowlist);
    return allowlist;
  });
}

function readOptionalJson(file: URL, otherwise: unknown) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return otherwise;
    }
    throw error;
  }
}

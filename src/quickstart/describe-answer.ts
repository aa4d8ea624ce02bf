import jsonpatch from 'jsonpatch';
import { stringify } from 'yaml';
import { ROLE_ANNOTATION } from '../admission/role-annotation.ts';

type Review = Readonly<{
  request: Readonly<{
    namespace: string;
    object: Readonly<{ metadata: Readonly<{ annotations?: Readonly<Record<string, string>> }> }>;
  }>;
}>;

type Answer = Readonly<{
  response?: Readonly<{
    allowed: boolean;
    status?: Readonly<{ code: number; message: string }>;
    patch?: string;
    warnings?: readonly string[];
    auditAnnotations?: Readonly<{ stripped?: string; injected?: string }>;
  }>;
}>;

/** Describes the pod of a review in a sentence. */
export function describeReview(body: string): string {
  const { request }: Review = JSON.parse(body);
  const role = request.object.metadata.annotations?.[ROLE_ANNOTATION];
  const names = role === undefined ? 'names no role' : `names the role ${role}`;
  return `a pod in namespace ${request.namespace} ${names}`;
}

/** Describes the answer to a review in lines: the outcome, the warnings and, if the pod is patched, its annotations. */
export function describeAnswer(body: string, answerBody: string): readonly string[] {
  const { request }: Review = JSON.parse(body);
  const { response }: Answer = JSON.parse(answerBody);
  if (response === undefined) {
    return [`no decision: ${answerBody}`];
  }

  const warnings = (response.warnings ?? []).map((warning) => `warning: ${warning}`);
  if (!response.allowed) {
    return [`denied (${response.status?.code}): ${response.status?.message}`, ...warnings];
  }
  if (response.patch === undefined) {
    return ['allowed', ...warnings];
  }

  const { stripped, injected } = response.auditAnnotations ?? {};
  const outcome = [
    'allowed',
    stripped === undefined ? '' : `, ${stripped} removed`,
    injected === undefined ? '' : `, ${injected} injected`,
  ].join('');
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString());
  const { metadata }: Review['request']['object'] = jsonpatch.apply_patch(request.object, operations);
  const patched = stringify({ metadata: { annotations: metadata.annotations } })
    .trimEnd()
    .split('\n');
  return [outcome, ...warnings, ...patched.map((line) => `  ${line}`)];
}

import jsonpatch from 'jsonpatch';
import { ROLE_ANNOTATION } from '../admission/role-annotation.ts';
import { changedLines } from './changed-lines.ts';

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

/** What a review asks, in a sentence. */
export function describeQuestion(body: string): string {
  const { request }: Review = JSON.parse(body);
  const role = request.object.metadata.annotations?.[ROLE_ANNOTATION];
  const names = role === undefined ? 'names no role' : `names the role ${role}`;
  return `a pod in namespace ${request.namespace} ${names}`;
}

/** What was answered: the outcome, and of a patched pod the lines that changed. */
export function describeAnswer(body: string, answerBody: string): readonly string[] {
  const { request }: Review = JSON.parse(body);
  const { response }: Answer = JSON.parse(answerBody);
  if (response === undefined) {
    return [`no decision: ${answerBody}`];
  }

  const warnings = (response.warnings ?? []).map((warning) => `warning: ${warning}`);
  if (!response.allowed) {
    return [`refused (${response.status?.code}): ${response.status?.message}`, ...warnings];
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
  const patched = jsonpatch.apply_patch(request.object, operations);
  return [outcome, ...warnings, ...changedLines(request.object, patched).map((line) => `  ${line}`)];
}

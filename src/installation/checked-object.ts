import { asArray, asObject, asString, type JsonObject, own } from '../json/json.ts';
import { type ApiClient, ApiError } from '../kubernetes/client.ts';
import { compareObject } from './compare.ts';

const ADMISSION = '/apis/admissionregistration.k8s.io/v1';
const VALIDATING = 'ValidatingWebhookConfiguration';
const RESOURCES: ReadonlyMap<string, string> = new Map([
  ['MutatingWebhookConfiguration', `${ADMISSION}/mutatingwebhookconfigurations`],
  [VALIDATING, `${ADMISSION}/validatingwebhookconfigurations`],
  ['ValidatingAdmissionPolicy', `${ADMISSION}/validatingadmissionpolicies`],
  ['ValidatingAdmissionPolicyBinding', `${ADMISSION}/validatingadmissionpolicybindings`],
]);

export const OBJECT_STATES = ['ok', 'missing', 'changed', 'unreadable'] as const;

/** Whether an object is as the chart rendered it. Alerts depend on these words. */
export type ObjectState = (typeof OBJECT_STATES)[number];

/** The state of an object of the chart. */
export type CheckedObject = Readonly<{
  kind: string;
  name: string;
  state: ObjectState;
  /** The difference, for an operator; undefined if the object is as the chart rendered it. */
  problem: string | undefined;
  /** What others added without an effect on the rest; undefined if there is nothing. */
  addition: string | undefined;
}>;

/** The parts of the API client that a check needs. */
export type Caller = Pick<ApiClient, 'call'>;

/**
 * Reads an object and compares it with the one that the chart rendered. Resolves to undefined while the API server gives
 * no answer about it.
 */
export async function checkObject(client: Caller, rendered: JsonObject): Promise<CheckedObject | undefined> {
  const { kind, name } = identify(rendered);
  const label = `${kind} ${name}`;
  const checked = { kind, name, problem: undefined, addition: undefined };
  try {
    const actual = asObject(await client.call({ path: pathOf(rendered) }));
    const { changes, additions } = compareObject(rendered, actual);
    const addition =
      additions.length === 0 ? undefined : `${label} has additions of others: ${additions.join(', ')}`;
    return changes.length === 0
      ? { ...checked, addition, state: 'ok' }
      : {
          ...{ ...checked, addition, state: 'changed' },
          problem: `${label} differs from what the chart rendered: ${changes.join(', ')}`,
        };
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) {
      const problem = `${label} does not exist: run "helm upgrade" to create it again`;
      return { ...checked, state: 'missing', problem };
    }
    if (error instanceof ApiError && error.status === 403) {
      const problem = `${label} cannot be read: run "helm upgrade" to restore the server's RBAC`;
      return { ...checked, state: 'unreadable', problem };
    }
    return undefined;
  }
}

/** The kind and the name of an object. */
export function identify({ kind, metadata }: JsonObject): Readonly<{ kind: string; name: string }> {
  return { kind: asString(kind), name: asString(own(asObject(metadata), 'name')) };
}

function pathOf(object: JsonObject): string {
  const { kind, name } = identify(object);
  const namespace = asString(own(asObject(object['metadata']), 'namespace'));
  const collection = kind === 'Secret' ? `/api/v1/namespaces/${namespace}/secrets` : RESOURCES.get(kind);
  if (collection === undefined) {
    throw new Error(`expected a webhook configuration, a policy, a binding or a Secret, found ${kind}`);
  }
  return `${collection}/${name}`;
}

/**
 * Tries, in a dry run, to change the failurePolicy of the server's own registration: whether that is denied, by RBAC or
 * by the policy that confines the server. Resolves to undefined if the attempt shows nothing.
 */
export async function isConfined(
  client: Caller,
  rendered: readonly JsonObject[],
): Promise<boolean | undefined> {
  const registration = rendered.find(({ kind }) => kind === VALIDATING);
  if (registration === undefined) {
    return undefined;
  }
  const path = pathOf(registration);
  try {
    const { webhooks } = asObject(await client.call({ path }));
    const isFail = asObject(asArray(webhooks)[0])['failurePolicy'] === 'Fail';
    await client.call({
      ...{ method: 'PATCH', path, query: { dryRun: 'All' } },
      contentType: 'application/json-patch+json',
      body: [{ op: 'replace', path: '/webhooks/0/failurePolicy', value: isFail ? 'Ignore' : 'Fail' }],
    });
    return false;
  } catch (error) {
    const isDenied =
      error instanceof ApiError &&
      (error.status === 403 || (error.status === 422 && error.message.includes('ValidatingAdmissionPolicy')));
    return isDenied ? true : undefined;
  }
}

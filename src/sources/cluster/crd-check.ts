import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { asObject } from '../../json/json.ts';
import { type ApiClient, ApiError } from '../../kubernetes/client.ts';
import { SCHEMA_VERSION } from '../../policy/schema/allowlist.ts';
import { errorMessage } from '../../text/printable.ts';

/** The annotation of the CustomResourceDefinition with the version of the schema that it was generated from. */
export const SCHEMA_VERSION_ANNOTATION = 'eci-ram-role.io/schema-version';

/** The annotation by which an admin discards the allowlists that were deleted with the CustomResourceDefinition. */
const DISCARD_ANNOTATION = 'eci-ram-role.io/discard-held-allowlists';

const CRD_PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/ramroleallowlists.eci-ram-role.io';

const INTERVAL_MS = 300_000;
const TIMEOUT_MS = 5_000;
/** The least time between two calls. */
const CALL_INTERVAL_MS = 1_000;

/** The CustomResourceDefinition as a call has found it. */
export type CrdReading = Readonly<{
  /** When the call began, by `performance.now()`. */
  begunAt: number;
  state: CrdState;
}>;

type CrdState =
  | Readonly<{ kind: 'found'; isTerminating: boolean; uid: string; version: number; isDiscardAsked: boolean }>
  /** `unreadable`: the server may not read it; `unknown`: there was no answer. */
  | Readonly<{ kind: 'gone' | 'unreadable' | 'unknown'; problem: string }>;

/** The check of the CustomResourceDefinition. */
export type CrdCheck = Readonly<{
  /** Resolves to the result of a call that begins after this. Calls are shared, and there is at most one a second. */
  read: () => Promise<CrdReading>;
  /** Resolves when the CustomResourceDefinition is not being deleted, so that its allowlists are complete. */
  usable: Promise<void>;
  /** Notes for an operator; empty if there is nothing to do. */
  notes: () => readonly string[];
  close: () => void;
}>;

/** Compares the cluster's CustomResourceDefinition with our schema every few minutes, and logs if it is older. */
export function startCrdCheck(
  client: Pick<ApiClient, 'call'>,
  onChecked: (isOutdated: boolean) => void,
  logger: Logger,
): CrdCheck {
  const { promise: usable, resolve: resolveUsable } = Promise.withResolvers<void>();
  const read = createReader(client);
  let note = '';
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  void check();

  async function check(): Promise<void> {
    const { state } = await read();
    if (isClosed) {
      return;
    }
    const isTerminating = state.kind === 'found' && state.isTerminating;
    report(...describe(state));
    if (state.kind === 'found') {
      onChecked(state.version < SCHEMA_VERSION);
    }
    if (!isTerminating) {
      resolveUsable();
    }
    timer = setTimeout(check, isTerminating ? CALL_INTERVAL_MS : INTERVAL_MS).unref();
  }

  function report(next: string, problem?: string): void {
    if (next !== '' && next !== note) {
      logger.warn({ problem }, next);
    }
    note = next;
  }

  return {
    read,
    usable,
    notes: () => (note === '' ? [] : [note]),
    close: () => {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}

/** The API server's text is for the log alone: anyone who reaches the probe port reads the notes. */
function describe(state: CrdState): [note: string, problem?: string] {
  if (state.kind !== 'found') {
    return ['the CustomResourceDefinition of RamRoleAllowlist cannot be read; see the log', state.problem];
  }
  if (state.isTerminating) {
    return ['the CustomResourceDefinition of RamRoleAllowlist is being deleted, and all allowlists with it'];
  }
  return state.version < SCHEMA_VERSION
    ? [
        `the CustomResourceDefinition of RamRoleAllowlist has schema version ${state.version}, this server ${SCHEMA_VERSION}: apply the one of the chart (kubectl apply --server-side -f crds/)`,
      ]
    : [''];
}

/** Creates the function that reads the CustomResourceDefinition: one call at a time, and at most one a second. */
function createReader(client: Pick<ApiClient, 'call'>): CrdCheck['read'] {
  let begunAt = Number.NEGATIVE_INFINITY;
  let last: Promise<unknown> = Promise.resolve();
  let next: Promise<CrdReading> | undefined;

  async function readWhenDue(): Promise<CrdReading> {
    const waitMs = begunAt + CALL_INTERVAL_MS - performance.now();
    if (waitMs > 0) {
      await sleep(waitMs, undefined, { ref: false });
    }
    next = undefined;
    begunAt = performance.now();
    return { begunAt, state: await readState(client) };
  }

  return () => {
    if (next === undefined) {
      next = last.then(readWhenDue);
      last = next;
    }
    return next;
  };
}

const NOT_FOUND = 404;
const FORBIDDEN = 403;

async function readState(client: Pick<ApiClient, 'call'>): Promise<CrdState> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const metadata = asObject(asObject(await client.call({ path: CRD_PATH, signal }))['metadata']);
    const annotations = asObject(metadata['annotations']);
    return {
      kind: 'found',
      isTerminating: typeof metadata['deletionTimestamp'] === 'string',
      uid: String(metadata['uid'] ?? ''),
      // Helm never upgrades a CRD, and an older one silently drops fields that it does not know.
      version: Number(annotations[SCHEMA_VERSION_ANNOTATION] ?? 0),
      isDiscardAsked: Object.hasOwn(annotations, DISCARD_ANNOTATION),
    };
  } catch (error) {
    const status = error instanceof ApiError ? error.status : 0;
    const kind = status === FORBIDDEN ? 'unreadable' : 'unknown';
    return { kind: status === NOT_FOUND ? 'gone' : kind, problem: errorMessage(error) };
  }
}

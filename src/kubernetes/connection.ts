import type { RequestOptions } from 'node:https';
import { errorMessage } from '../text/printable.ts';
import { UsableError } from '../text/problem.ts';
import { type Connection, closeIdleConnections, createConfigReader, haveChanged } from './kubeconfig.ts';

/** Kubernetes rotates tokens and certificates in their files; a change is used after at most this time. */
const CHECK_INTERVAL_MS = 1_000;

/** The least time between two readings because of rejected credentials. */
const REJECTION_INTERVAL_MS = 1_000;

/**
 * Resolves to the address, the credentials and the agent for calls of the API server as they are now. All calls share
 * one agent with one TLS context, until the address or a certificate changes.
 *
 * @param rejected the options that the API server has answered with 401; they are read again at once
 */
export type Connect = (rejected?: RequestOptions) => Promise<RequestOptions>;

/**
 * Reads the address and credentials of the API server from a kubeconfig file or, if none is given, from the files that
 * Kubernetes mounts into a pod. Reads them again when one of the files has changed. The credentials of an exec plugin are
 * kept until the API server rejects them.
 *
 * @throws {UsableError} if there is neither
 */
export async function readConnection(kubeconfig: string | undefined): Promise<Connect> {
  const read = await createConfigReader(kubeconfig);
  try {
    return keepCurrent(await read(), read);
  } catch (error) {
    throw new UsableError(
      kubeconfig === undefined
        ? 'the API server: expected to run in a pod with a ServiceAccount token, or --kubeconfig, found neither'
        : `--kubeconfig: expected a kubeconfig with a current context in ${kubeconfig}, found ${errorMessage(error)}`,
    );
  }
}

function keepCurrent(first: Connection, read: (previous: Connection) => Promise<Connection>): Connect {
  let current = first;
  let checkedAt = performance.now();
  let rejectedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;

  const replaceOnce = () => {
    reading ??= replace().finally(() => {
      reading = undefined;
    });
    return reading;
  };

  async function replace(): Promise<void> {
    const { options } = current;
    current = await read(current);
    if (current.options.agent !== options.agent) {
      closeIdleConnections(options);
    }
  }

  /** A file may be in the middle of a change; until it can be read, the last good connection stays in use. */
  async function replaceIfChanged(): Promise<void> {
    checkedAt = performance.now();
    if (haveChanged(current)) {
      await replaceOnce().catch(() => undefined);
    }
  }

  /** All requests that are rejected together wait for one reading. */
  async function replaceRejected(): Promise<void> {
    const now = performance.now();
    if (reading !== undefined || now - rejectedAt >= REJECTION_INTERVAL_MS) {
      rejectedAt = now;
      await replaceOnce();
    }
  }

  return async (rejected) => {
    if (rejected === current.options) {
      await replaceRejected();
    } else if (rejected === undefined && performance.now() - checkedAt >= CHECK_INTERVAL_MS) {
      await replaceIfChanged();
    }
    return current.options;
  };
}

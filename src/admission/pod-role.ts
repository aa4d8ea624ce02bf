import type { Result } from '../text/problem.ts';

/** The role that a pod in the cluster names, undefined if it names none; or why it is not known. */
export type PodRole = Result<string | undefined, PodRoleProblem>;

/** Why the role of a pod is not known. */
export type PodRoleProblem = Readonly<{
  /**
   * `no-such-pod`: there is no pod of this name, or none can have it; `unreadable`: the API server did not answer, try
   * again; `no-access`: the server runs without access to pods.
   */
  kind: 'no-such-pod' | 'unreadable' | 'no-access';
  /** For the log alone: it may be the API server's text. */
  message: string;
}>;

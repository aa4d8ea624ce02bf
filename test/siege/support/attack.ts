import type { ListStore } from './api-server/store.ts';

/** Where a port listens. */
export type Address = Readonly<{ host: string; port: number }>;

/** The ports of one replica. */
export type Replica = Readonly<{ admission: Address; probes: Address }>;

/** What the honest client asks for. */
export type HonestKind = 'pod' | 'pod of 300 KiB' | 'Binding';

/** One way to take the webhook down, bounded in count and time. */
export type Attack = Readonly<{
  /** Names the attack on the command line, in the report and as a test. */
  name: string;
  /** Default: pods. */
  honest?: readonly HonestKind[];
  /** How long the honest client asks; the attack is stopped then. */
  durationMs?: number;
  /**
   * What attackers send to each replica at once, in a process of their own. The signal says when the time is over. A text
   * that it resolves to is a complaint: these clients were honest too.
   */
  run?: (replica: Replica, signal: AbortSignal) => Promise<unknown>;
  /** The allowlists of the cluster. The webhook is started when they are there, and has to become ready. */
  lists?: () => Iterable<ListSpec>;
  /** What is done to allowlists meanwhile, in the process of the API server. */
  changeLists?: (store: ListStore, signal: AbortSignal) => Promise<unknown>;
}>;

/** An allowlist: its metadata beside the name, and its spec. */
export type ListSpec = Readonly<{ name: string; metadata?: object; spec: object }>;

/** Attacks on the same kind of installation. */
export type Topic = Readonly<{
  name: string;
  source: 'file' | 'cluster';
  replicas: 1 | 2;
  attacks: readonly Attack[];
}>;

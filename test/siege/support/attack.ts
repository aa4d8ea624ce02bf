import type { ListStore } from './api-server/store.ts';

/** The ports of one replica; all of them listen on 127.0.0.1. */
export type Replica = Readonly<{ securePort: number; probePort: number }>;

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
   * What attackers send, in a process of their own. The signal says when the time is over. A text that it resolves to is
   * a complaint: these clients were honest too.
   */
  run?: (replicas: readonly Replica[], signal: AbortSignal) => Promise<unknown>;
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

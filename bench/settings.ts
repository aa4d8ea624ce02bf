/** How much is measured. */
export type Settings = Readonly<{
  /** Tells whether the figures say anything. */
  isTimed: boolean;
  /** Requests are sent over this many keep-alive connections at once. */
  connections: number;
  warmUpMs: number;
  rounds: number;
  roundMs: number;
  handshakeRounds: number;
  starts: number;
  /** How long a server is left alone before its idle memory is read. */
  settleMs: number;
  allowlistCounts: readonly [number, ...number[]];
  allowlistRounds: number;
  reviewsPerRound: number;
  /** The numbers of manifests of one `check`; the first is started as often as the servers. */
  checkedManifests: readonly number[];
}>;

const FULL: Settings = {
  isTimed: true,
  connections: 16,
  warmUpMs: 1_000,
  rounds: 21,
  roundMs: 250,
  handshakeRounds: 7,
  starts: 9,
  settleMs: 1_500,
  allowlistCounts: [10, 1_000, 100_000],
  allowlistRounds: 200,
  reviewsPerRound: 1_000,
  checkedManifests: [10, 10_000],
};

/** Everything once, to see that it works. Its figures say nothing. */
const SMOKE: Settings = {
  isTimed: false,
  connections: 16,
  warmUpMs: 20,
  rounds: 1,
  roundMs: 20,
  handshakeRounds: 1,
  starts: 1,
  settleMs: 0,
  allowlistCounts: [10, 100, 1_000],
  allowlistRounds: 1,
  reviewsPerRound: 100,
  checkedManifests: [10],
};

export function readSettings(argv: readonly string[]): Settings {
  return argv.includes('--smoke') ? SMOKE : FULL;
}

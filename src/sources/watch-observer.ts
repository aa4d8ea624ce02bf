/** Who is told how the watches of the API server fare. */
export type WatchObserver = Readonly<{
  /** The API server was heard of. */
  onContact: () => void;
  /** A list or watch had to be begun anew; the reason is one of a fixed set of words. */
  onRestart: (reason: string, message: string) => void;
}>;

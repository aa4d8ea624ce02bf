/** Something wrong with an allowlist: where, and in words what should stand there and what does. */
export type AllowlistProblem = Readonly<{
  path: readonly PropertyKey[];
  expected: string;
  found: string;
}>;

/** How far before their issue our certificates begin to be valid: for clocks that run behind ours. */
export const BACKDATED_MS = 3_600_000;

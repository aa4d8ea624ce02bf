/** Bodies up to this size are never made to wait. */
export const SMALL_BODY_BYTES = 256 * 1024;

/** How much larger bodies may take together, so that one tenant's cannot starve the memory of all. */
const LARGE_BODIES_BYTES = 64 * 1024 * 1024;

/** A budget of bytes that all large bodies in flight share. */
export type LargeBodyBudget = Readonly<{
  /** Takes bytes for a body; false, and nothing taken, where too little is left. */
  take: (bytes: number) => boolean;
  giveBack: (bytes: number) => void;
}>;

export function createLargeBodyBudget(): LargeBodyBudget {
  let taken = 0;
  return {
    take: (bytes) => {
      if (taken + bytes > LARGE_BODIES_BYTES) {
        return false;
      }
      taken += bytes;
      return true;
    },
    giveBack: (bytes) => {
      taken -= bytes;
    },
  };
}

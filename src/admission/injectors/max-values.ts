/**
 * So many values an injector has at the most that is read at all; a real one has dozens. Each is looked at several times,
 * and other requests wait meanwhile.
 */
export const MAX_VALUES = 20_000;

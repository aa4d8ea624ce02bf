// Loaded before the server: its clock is ten minutes ahead of everybody else's.
const AHEAD_MS = 600_000;
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...time) {
    super(...(time.length === 0 ? [RealDate.now() + AHEAD_MS] : time));
  }

  static now() {
    return RealDate.now() + AHEAD_MS;
  }
};

import type { Logger } from 'pino';
import { describeBound, type ShareLedger } from '../../policy/share.ts';

/** The most names that a log line shows. */
const MAX_NAMES = 10;

/** Logs which bounds are exceeded, when it is called and that has changed. */
export function createBoundReport(ledgers: readonly ShareLedger[], logger: Logger): () => void {
  const reported = new Map<ShareLedger, string>();
  return () => {
    for (const ledger of ledgers) {
      const [over, isFull] = [ledger.over(), ledger.isFull()];
      const state = `${over.size > 0} ${isFull}`;
      if (state === (reported.get(ledger) ?? 'false false')) {
        continue;
      }
      reported.set(ledger, state);
      const { listNamePrefix, maxEntries } = ledger.share;
      const fields = { listNamePrefix, maxEntries, entries: ledger.entries() };
      if (over.size === 0 && !isFull) {
        logger.info(fields, 'allowlists within their bound again');
      } else {
        const allowlists = [...over].slice(0, MAX_NAMES);
        logger.error(
          { ...fields, over: over.size, isFull, allowlists },
          `allowlists over their bound only deny: ${describeBound(ledger.share)}`,
        );
      }
    }
  };
}

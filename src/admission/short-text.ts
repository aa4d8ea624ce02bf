import { asString } from '../json/json.ts';
import { cut } from '../text/printable.ts';

/** No name of Kubernetes or RAM is as long, so that a longer value is as wrong as its beginning. */
export const MAX_TEXT_LENGTH = 2_048;

/** A text that is compared, searched or shown, as far as it is read; empty if the value is no text. */
export function asShortText(value: unknown): string {
  return cut(asString(value), MAX_TEXT_LENGTH);
}

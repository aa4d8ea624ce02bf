import type { Attack } from '../support/attack.ts';
import { sendInTurn, tlsTo } from '../support/attacker.ts';
import { bodyAround, lastAppliedBody, PATHS, requestOf, selectorsBody } from '../support/requests.ts';

const MILLION = 1_000_000;
const PAUSE_MS = 500;

const deep = (levels: number, open = '[', close = ']') => open.repeat(levels) + close.repeat(levels);
const wide = (values: number, value = '[],') => `[${value.repeat(values)}0]`;

/** JSON that takes far more memory or time to read than to write, wherever the webhook reads JSON. */
export const json: readonly Attack[] = [
  inSelectors('selectors 5 million deep', () => deep(5 * MILLION)),
  inSelectors('selectors of 5 million arrays', () => wide(5 * MILLION)),
  inSelectors('selectors of a million objects', () => wide(1.5 * MILLION, '{\\"a\\":0},')),
  inSelectors('selectors that hide brackets behind escapes', () => deep(MILLION, '\\u005b', '\\u005d')),
  inLastApplied('an annotation 8 million deep', () => '['.repeat(8 * MILLION)),
  inLastApplied('an annotation of 5 million arrays', () => wide(5 * MILLION)),
  inLastApplied('an annotation of deep objects', () => deep(MILLION, '{\\"a\\":', '}')),
  inBodies('bodies 5 million deep', () => deep(5 * MILLION)),
  inBodies(
    'bodies of 5 million and of 190,000 arrays',
    () => wide(5 * MILLION),
    () => wide(190_000),
  ),
  inBodies('bodies of a million brackets in texts', () => JSON.stringify('\\"[],'.repeat(MILLION))),
];

function inSelectors(name: string, text: () => string): Attack {
  return post(name, () => [requestOf('/validate-injectors', selectorsBody(text()))]);
}

function inLastApplied(name: string, text: () => string): Attack {
  return post(name, () => [requestOf('/validate-allowlists', lastAppliedBody(text()))]);
}

function inBodies(name: string, ...values: readonly (() => string)[]): Attack {
  return post(name, () =>
    values.flatMap((value) => PATHS.map((path) => requestOf(path, bodyAround(value())))),
  );
}

function post(name: string, makeRequests: () => readonly Buffer[]): Attack {
  return {
    name,
    run: (replica, signal) => sendInTurn(tlsTo(replica.admission), makeRequests(), PAUSE_MS, signal),
  };
}

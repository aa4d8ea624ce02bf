import { canonicalJson } from '../../json/equal.ts';
import { asObject, asString, type JsonObject, own } from '../../json/json.ts';
import { parseJsonStrictly } from '../../json/parse.ts';
import { quoted } from '../../text/printable.ts';
import { describeValue, failure, type Problem, type Result } from '../../text/problem.ts';
import { type AdmissionRequest, asShortText } from '../review.ts';
import {
  type EntrySchema,
  type Injection,
  MAX_VALUES,
  profileEntrySchema,
  readInjection,
  selectorSpecSchema,
} from './entry.ts';

/** The ConfigMap that Alibaba Cloud's own injector reads. */
const PROFILE = { namespace: 'kube-system', name: 'eci-profile', key: 'selectors' };
const SELECTOR_GROUP = 'eci.aliyun.com';
const MAX_ENTRIES = 500;

/** A ConfigMap holds at most 1 MiB. */
const MAX_TEXT_LENGTH = 1024 * 1024;

/** More whitespace than this is no JSON, rather than no selectors. */
const MAX_BLANK_LENGTH = 1_024;

/** For 500 selectors of 20 values. */
const SELECTORS_BOUNDS = { length: MAX_TEXT_LENGTH, cost: 30_000, depth: 64 };

const IDENTITY_BOUNDS = { values: MAX_VALUES, characters: MAX_TEXT_LENGTH };

/** A part of an injector that sets a role, or that cannot be read and might set one. */
export type InjectorEntry = Readonly<{
  /** As a message names it. */
  name: string;
  /** Whether the object had the same entry before the edit. */
  isUnchanged: boolean;
  injection: Result<Injection, Problem>;
}>;

/** An entry that sets a role. */
export type RoleEntry = Omit<InjectorEntry, 'injection'> & Readonly<{ injection: Injection }>;

/** A part of one version of the object. */
type Part = Readonly<{
  /** As a message names it. */
  name: string;
  value: unknown;
  /** Undefined if the part sets no role. */
  read: () => InjectorEntry['injection'] | undefined;
}>;

/** Reads the entries that an edit of an injector leads to; undefined if the request is no such edit. */
export function parseInjectorEdit(request: AdmissionRequest): readonly InjectorEntry[] | undefined {
  const listParts = partsOf(request);
  if (listParts === undefined) {
    return undefined;
  }
  const entries = listParts(asObject(request.object)).flatMap(({ name, value, read }) => {
    const injection = read();
    return injection === undefined ? [] : [{ name, value, injection }];
  });
  const hasOld = request.operation === 'UPDATE' && entries.length > 0;
  const old = new Set(hasOld ? listParts(asObject(request.oldObject)).map(identityOf) : []);
  return entries.map(({ value, ...entry }) => {
    const identity = old.size === 0 ? undefined : identityOf({ value });
    return { ...entry, isUnchanged: identity !== undefined && old.has(identity) };
  });
}

/** Two parts that are the same have the same identity, unless they are too large for one. */
function identityOf({ value }: Pick<Part, 'value'>): string | undefined {
  return canonicalJson(value, IDENTITY_BOUNDS);
}

function partsOf({
  operation,
  resource: { group, resource },
  subresource,
  namespace,
  name: requestName,
  object,
}: AdmissionRequest): ((object: JsonObject) => readonly Part[]) | undefined {
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || subresource !== '') {
    return undefined;
  }
  const name = asShortText(asObject(asObject(object)['metadata'])['name']) || requestName;
  if (group === SELECTOR_GROUP && resource === 'selectors') {
    const shown = `Selector ${quoted(namespace === '' ? name : `${namespace}/${name}`)}`;
    return ({ spec }) => [toPart(spec, ['spec'], selectorSpecSchema, shown)];
  }
  const isProfile =
    group === '' && resource === 'configmaps' && namespace === PROFILE.namespace && name === PROFILE.name;
  return isProfile ? listProfileParts : undefined;
}

function listProfileParts({ data, binaryData }: JsonObject): readonly Part[] {
  const binary = own(asObject(binaryData), PROFILE.key) ?? undefined;
  const unreadable =
    binary === undefined
      ? []
      : [unreadableField('binaryData', binary, { expected: 'nothing', found: describeValue(binary) })];
  return [...unreadable, ...listSelectors(own(asObject(data), PROFILE.key) ?? '')];
}

function listSelectors(text: unknown): readonly Part[] {
  if (typeof text !== 'string') {
    return [unreadableField('data', text, { expected: 'a text', found: describeValue(text) })];
  }
  if (text.length <= MAX_BLANK_LENGTH && text.trim() === '') {
    return [];
  }
  const json = parseJsonStrictly(text, SELECTORS_BOUNDS);
  const expected = 'a JSON list of selectors';
  if (!json.ok) {
    return [unreadableField('data', text, { expected, found: json.problem })];
  }
  const entries = json.value ?? [];
  if (!Array.isArray(entries)) {
    return [unreadableField('data', text, { expected, found: describeValue(entries) })];
  }
  if (entries.length > MAX_ENTRIES) {
    const bound = { expected: `at most ${MAX_ENTRIES} selectors`, found: `${entries.length}` };
    return [unreadableField('data', text, bound)];
  }
  return entries.map((entry, index) => {
    const name = asString(own(asObject(entry), 'name'));
    const shown = `selector ${name === '' ? `[${index}]` : quoted(name)} of ConfigMap ${PROFILE.name}`;
    return toPart(entry, ['data', PROFILE.key, index], profileEntrySchema, shown);
  });
}

function unreadableField(
  field: 'data' | 'binaryData',
  value: unknown,
  problem: Pick<Problem, 'expected' | 'found'>,
): Part {
  return {
    name: `ConfigMap ${PROFILE.namespace}/${PROFILE.name}`,
    value: [field, value],
    read: () => failure({ path: [field, PROFILE.key], ...problem }),
  };
}

function toPart(entry: unknown, path: readonly PropertyKey[], schema: EntrySchema, name: string): Part {
  return { name, value: entry, read: () => readInjection(entry, path, schema) };
}

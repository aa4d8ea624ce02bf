import type * as z from 'zod';
import { canonicalJson } from '../../json/equal.ts';
import { asObject, asString, type JsonObject, own } from '../../json/json.ts';
import { MAX_VALUES, parseJsonStrictly } from '../../json/strict-parse.ts';
import { walkJson } from '../../json/walk.ts';
import type { LabelSelector } from '../../policy/label-selector.ts';
import { toProblems } from '../../policy/schema/parse.ts';
import { quoted } from '../../text/printable.ts';
import { describeValue, failure, type Problem, type Result, success } from '../../text/problem.ts';
import type { AdmissionRequest } from '../review.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import { type EntrySchema, profileEntrySchema, selectorSpecSchema } from './schema.ts';

/** The ConfigMap that Alibaba Cloud's own injector reads. */
const PROFILE = { namespace: 'kube-system', name: 'eci-profile', key: 'selectors' };
const SELECTOR_GROUP = 'eci.aliyun.com';
const MAX_ENTRIES = 500;

/** A role that an injector sets, and in which namespaces; without a selector in all of them. */
export type Injection = Readonly<{ role: string; namespaceSelector: LabelSelector | undefined }>;

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

/** An entry of one version of the object. Two that are the same have the same identity, unless they are too large for one. */
type Part = Omit<InjectorEntry, 'isUnchanged'> & Readonly<{ identity: string | undefined }>;

/** Reads the entries that an edit of an injector leads to; undefined if the request is no such edit. */
export function parseInjectorEdit(request: AdmissionRequest): readonly InjectorEntry[] | undefined {
  const read = readerOf(request);
  if (read === undefined) {
    return undefined;
  }
  const parts = read(asObject(request.object));
  const hasOld = request.operation === 'UPDATE' && parts.length > 0;
  const old = new Set(hasOld ? read(asObject(request.oldObject)).map(({ identity }) => identity) : []);
  return parts.map(({ identity, ...entry }) => ({
    ...entry,
    isUnchanged: identity !== undefined && old.has(identity),
  }));
}

function readerOf({
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
  const name = asString(asObject(asObject(object)['metadata'])['name']) || requestName;
  if (group === SELECTOR_GROUP && resource === 'selectors') {
    const shown = `Selector ${quoted(namespace === '' ? name : `${namespace}/${name}`)}`;
    return ({ spec }) => readPart(spec, ['spec'], selectorSpecSchema, shown);
  }
  const isProfile =
    group === '' && resource === 'configmaps' && namespace === PROFILE.namespace && name === PROFILE.name;
  return isProfile ? readProfile : undefined;
}

function readProfile({ data, binaryData }: JsonObject): readonly Part[] {
  const binary = own(asObject(binaryData), PROFILE.key) ?? undefined;
  const unreadable =
    binary === undefined
      ? []
      : [unreadableField('binaryData', binary, { expected: 'nothing', found: describeValue(binary) })];
  return [...unreadable, ...readSelectors(own(asObject(data), PROFILE.key) ?? '')];
}

function readSelectors(text: unknown): readonly Part[] {
  if (typeof text !== 'string') {
    return [unreadableField('data', text, { expected: 'a text', found: describeValue(text) })];
  }
  if (text.trim() === '') {
    return [];
  }
  const json = parseJsonStrictly(text);
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
  return entries.flatMap((entry, index) => {
    const name = asString(own(asObject(entry), 'name'));
    const shown = `selector ${name === '' ? `[${index}]` : quoted(name)} of ConfigMap ${PROFILE.name}`;
    return readPart(entry, ['data', PROFILE.key, index], profileEntrySchema, shown);
  });
}

function unreadableField(
  field: 'data' | 'binaryData',
  value: unknown,
  problem: Pick<Problem, 'expected' | 'found'>,
): Part {
  return {
    name: `ConfigMap ${PROFILE.namespace}/${PROFILE.name}`,
    identity: canonicalJson([field, value], MAX_VALUES),
    injection: failure({ path: [field, PROFILE.key], ...problem }),
  };
}

/** An entry that does not mention the annotation sets no role, whatever its shape. */
function readPart(
  entry: unknown,
  path: readonly PropertyKey[],
  schema: EntrySchema,
  name: string,
): readonly Part[] {
  const mentions = findMentions(entry);
  const injection = mentions.isMentioned ? readInjection(entry, path, schema, mentions) : undefined;
  return injection === undefined ? [] : [{ name, identity: canonicalJson(entry, MAX_VALUES), injection }];
}

function readInjection(
  entry: unknown,
  path: readonly PropertyKey[],
  schema: EntrySchema,
  { values, keys }: Mentions,
): Result<Injection, Problem> | undefined {
  if (values > MAX_VALUES) {
    return failure({ path, expected: `up to ${MAX_VALUES} values`, found: `${values}` });
  }
  const parsed = schema.safeParse(entry);
  if (!parsed.success) {
    const problem = firstProblem(parsed.error.issues, entry);
    return failure({ ...problem, path: [...path, ...problem.path] });
  }
  const { effect, namespaceSelector } = parsed.data;
  const annotations = effect?.annotations ?? {};
  if (keys > (Object.hasOwn(annotations, ROLE_ANNOTATION) ? 1 : 0)) {
    const expected = `the annotation ${ROLE_ANNOTATION} in effect.annotations alone`;
    return failure({ path, expected, found: 'it elsewhere' });
  }
  const role = annotations[ROLE_ANNOTATION] ?? '';
  return role === '' ? undefined : success({ role, namespaceSelector: namespaceSelector ?? undefined });
}

function firstProblem(issues: readonly z.core.$ZodIssue[], entry: unknown): Problem {
  const problems = issues.flatMap((issue) => [...toProblems(issue, entry, () => '')]);
  // A failed parse has at least one problem.
  return problems.reduce((first) => first)();
}

type Mentions = Readonly<{
  values: number;
  /** How many objects have the annotation as a key. */
  keys: number;
  /** Whether it is a key or part of a text. */
  isMentioned: boolean;
}>;

function findMentions(entry: unknown): Mentions {
  let values = 1;
  let keys = 0;
  let isInText = isMention(entry);
  for (const { value } of walkJson(entry)) {
    const inner: readonly unknown[] = Object.values(value);
    values += inner.length;
    keys += Object.hasOwn(value, ROLE_ANNOTATION) ? 1 : 0;
    isInText ||= inner.some(isMention);
  }
  return { values, keys, isMentioned: isInText || keys > 0 };
}

function isMention(value: unknown): boolean {
  return typeof value === 'string' && value.includes(ROLE_ANNOTATION);
}

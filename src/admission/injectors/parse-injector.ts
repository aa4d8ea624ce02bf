import { canonicalJson } from '../../json/canonical-json.ts';
import { asObject, asString, type JsonObject, own } from '../../json/json.ts';
import { MAX_VALUES, parseJsonStrictly } from '../../json/strict-parse.ts';
import { printable, quoted } from '../../text/printable.ts';
import type { AdmissionRequest } from '../review.ts';
import { type Injection, readInjectorEntry, type SelectorFields } from './read-injector-entry.ts';
import { type InjectorProblem, readStruct, unreadable } from './read-struct.ts';

/** The ConfigMap that Alibaba Cloud's own injector reads. */
const CONFIG_MAP = { namespace: 'kube-system', name: 'eci-profile', key: 'selectors' };
const CONFIG_MAP_FIELDS: SelectorFields = ['namespaceSelector', 'objectSelector'];
const SELECTOR_GROUP = 'eci.aliyun.com';
const SELECTOR_FIELDS: SelectorFields = ['namespaceLabels', 'objectLabels'];

/** A part of an injector that sets a role, or that might and cannot be read. */
export type InjectorEntry = Readonly<{
  /** As a message names it. */
  name: string;
  /** Tells whether it stood in the object before the edit, all of it just so. */
  isOld: boolean;
  injection: Injection | undefined;
  problem: InjectorProblem | undefined;
}>;

/** Of what is too large to be compared there is no identity. */
type Part = Readonly<
  { name: string; identity: string | undefined } & Pick<InjectorEntry, 'injection' | 'problem'>
>;

/** The parts of an injector's new state that set a role or may; undefined where the request is no edit of an injector. */
export function parseInjectorEdit(request: AdmissionRequest): readonly InjectorEntry[] | undefined {
  const parse = parserFor(request);
  if (parse === undefined) {
    return undefined;
  }
  const parts = parse(asObject(request.object));
  const isCompared = request.operation === 'UPDATE' && parts.length > 0;
  const old = new Set(isCompared ? parse(asObject(request.oldObject)).map(({ identity }) => identity) : []);
  return parts.map(({ identity, ...part }) => ({
    ...part,
    isOld: identity !== undefined && old.has(identity),
  }));
}

function parserFor(request: AdmissionRequest): ((object: JsonObject) => readonly Part[]) | undefined {
  const { operation, resource, subresource, namespace } = request;
  if ((operation !== 'CREATE' && operation !== 'UPDATE') || subresource !== '') {
    return undefined;
  }
  const name = asString(asObject(asObject(request.object)['metadata'])['name']) || request.name;
  if (resource.group === SELECTOR_GROUP && resource.resource === 'selectors') {
    const shown = quoted(namespace === '' ? name : `${namespace}/${name}`);
    return ({ spec }) => toParts(spec, 'spec', SELECTOR_FIELDS, () => `Selector ${shown}`);
  }
  const isProfile =
    resource.group === '' &&
    resource.resource === 'configmaps' &&
    namespace === CONFIG_MAP.namespace &&
    name === CONFIG_MAP.name;
  return isProfile ? parseProfile : undefined;
}

function parseProfile({ data, binaryData }: JsonObject): readonly Part[] {
  const name = `ConfigMap ${CONFIG_MAP.namespace}/${CONFIG_MAP.name}`;
  const whole = (path: string, value: unknown, problem: InjectorProblem): Part => ({
    name,
    identity: canonicalJson([path, value], MAX_VALUES),
    injection: undefined,
    problem,
  });

  const binary = own(asObject(binaryData), CONFIG_MAP.key) ?? undefined;
  const binaryPath = `binaryData.${CONFIG_MAP.key}`;
  const unread =
    binary === undefined
      ? []
      : [whole(binaryPath, binary, unreadable(binaryPath, 'nothing', binary).problem)];
  const text = own(asObject(data), CONFIG_MAP.key) ?? '';
  const path = `data.${CONFIG_MAP.key}`;
  if (typeof text !== 'string') {
    return [...unread, whole(path, text, unreadable(path, 'a text', text).problem)];
  }
  if (text.trim() === '') {
    return unread;
  }
  const { value, problem } = parseJsonStrictly(text);
  if (problem !== undefined) {
    return [...unread, whole(path, text, { path, expected: 'a JSON list of selectors', found: problem })];
  }
  const entries = value ?? [];
  if (!Array.isArray(entries)) {
    return [...unread, whole(path, text, unreadable(path, 'a JSON list of selectors', entries).problem)];
  }
  return [
    ...unread,
    ...entries.flatMap((entry, index) =>
      toParts(entry, `${path}[${index}]`, CONFIG_MAP_FIELDS, () => nameOf(entry, index)),
    ),
  ];
}

function nameOf(entry: unknown, index: number): string {
  const name = asString(readStruct(entry, '', ['name']).value?.get('name'));
  return `selector ${name === '' ? printable(`[${index}]`) : quoted(name)} of ConfigMap ${CONFIG_MAP.name}`;
}

/** Nothing for an entry that sets no role. The name is asked for only where it is shown. */
function toParts(
  entry: unknown,
  path: string,
  fields: SelectorFields,
  nameEntry: () => string,
): readonly Part[] {
  const { value: injection, problem } = readInjectorEntry(entry, path, fields);
  return injection === undefined && problem === undefined
    ? []
    : [{ name: nameEntry(), identity: canonicalJson(entry, MAX_VALUES), injection, problem }];
}

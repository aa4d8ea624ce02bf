import { isObject, own } from '../../json/json.ts';
import { MAX_VALUES } from '../../json/strict-parse.ts';
import type { LabelSelector } from '../../policy/label-selector.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';
import { readLabelSelector } from './read-label-selector.ts';
import { type Read, readStruct, unreadable } from './read-struct.ts';

/** A role that an injector sets, and in which namespaces; without a selector in all of them. */
export type Injection = Readonly<{ role: string; namespaceSelector: LabelSelector | undefined }>;

/** How the two kinds of injectors call what selects namespaces and what selects pods. */
export type SelectorFields = readonly [namespaces: string, pods: string];

/**
 * Reads what one entry sets; undefined where it sets no role. What does not so much as mention the annotation may be
 * of any shape.
 */
export function readInjectorEntry(
  entry: unknown,
  path: string,
  [namespaces, pods]: SelectorFields,
): Read<Injection | undefined> {
  const mentions = countMentions(entry);
  if (mentions.asKey + mentions.inText === 0) {
    return { value: undefined };
  }
  if (mentions.values > MAX_VALUES) {
    return { problem: { path, expected: `up to ${MAX_VALUES} values`, found: `${mentions.values}` } };
  }
  const struct = readStruct(entry, path, [namespaces, pods, 'effect']);
  if (struct.problem !== undefined) {
    return struct;
  }
  const effect = readStruct(struct.value.get('effect'), `${path}.effect`, ['annotations']);
  if (effect.problem !== undefined) {
    return effect;
  }
  const annotations = effect.value.get('annotations') ?? {};
  if (!isObject(annotations)) {
    return unreadable(`${path}.effect.annotations`, 'a map of texts', annotations);
  }
  if (mentions.asKey > (Object.hasOwn(annotations, ROLE_ANNOTATION) ? 1 : 0)) {
    return {
      problem: {
        path,
        expected: `the annotation ${ROLE_ANNOTATION} in effect.annotations alone`,
        found: 'it elsewhere',
      },
    };
  }
  const role = own(annotations, ROLE_ANNOTATION) ?? '';
  if (typeof role !== 'string') {
    return unreadable(`${path}.effect.annotations["${ROLE_ANNOTATION}"]`, 'a text', role);
  }
  if (role === '') {
    return { value: undefined };
  }
  return readSelection(role, struct.value, path, [namespaces, pods]);
}

/** What selects the pods makes no difference, but what is of another shape may be another thing than we think. */
function readSelection(
  role: string,
  fields: ReadonlyMap<string, unknown>,
  path: string,
  [namespaces, pods]: SelectorFields,
): Read<Injection> {
  const ofPods = readLabelSelector(fields.get(pods), `${path}.${pods}`);
  if (ofPods.problem !== undefined) {
    return ofPods;
  }
  const ofNamespaces = readLabelSelector(fields.get(namespaces), `${path}.${namespaces}`);
  return ofNamespaces.problem === undefined
    ? { value: { role, namespaceSelector: ofNamespaces.value } }
    : ofNamespaces;
}

function countMentions(entry: unknown): Readonly<{ asKey: number; inText: number; values: number }> {
  let asKey = 0;
  let inText = 0;
  let values = 0;
  const pending = [entry];
  while (pending.length > 0) {
    const value = pending.pop();
    values += 1;
    if (typeof value === 'string') {
      inText += value.includes(ROLE_ANNOTATION) ? 1 : 0;
    } else if (typeof value === 'object' && value !== null) {
      asKey += Object.hasOwn(value, ROLE_ANNOTATION) ? 1 : 0;
      for (const inner of Object.values(value)) {
        pending.push(inner);
      }
    }
  }
  return { asKey, inText, values };
}

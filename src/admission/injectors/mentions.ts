import { walkJson } from '../../json/json.ts';
import { ROLE_ANNOTATION } from '../role-annotation.ts';

/** More values than a selector needs that its injector acts on. */
export const MAX_VALUES = 2_000;

/** Where an entry has the annotation. */
export type Mentions = Readonly<{
  /** How many objects have the annotation as a key. */
  keys: number;
  /** Whether it is a key or part of a text. */
  isMentioned: boolean;
}>;

/** Searches an entry of any form; undefined if it has more values than the bound. */
export function findMentions(entry: unknown): Mentions | undefined {
  let values = 1;
  let keys = 0;
  let isInText = isMention(entry);
  for (const { value } of walkJson(entry)) {
    const inner: readonly unknown[] = Object.values(value);
    values += inner.length;
    if (values > MAX_VALUES) {
      return undefined;
    }
    keys += Object.hasOwn(value, ROLE_ANNOTATION) ? 1 : 0;
    isInText ||= inner.some(isMention);
  }
  return { keys, isMentioned: isInText || keys > 0 };
}

function isMention(value: unknown): boolean {
  return typeof value === 'string' && value.includes(ROLE_ANNOTATION);
}

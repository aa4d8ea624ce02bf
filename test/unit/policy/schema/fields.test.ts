import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { listOf, shortText, text, utcSecond } from '../../../../src/policy/schema/fields.ts';

suite('schema', () => {
  const letter = text(/^[a-z]$/, 64, 'a letter');
  const letters = listOf(letter, 1, 2, 'one or two letters');

  const cases = [
    { schema: letter, value: 'a', messages: undefined },
    { schema: letter, value: 'ab', messages: ['a letter'] },
    { schema: letter, value: 1, messages: ['a letter'] },
    { schema: letters, value: ['a', 'b'], messages: undefined },
    { schema: letters, value: [], messages: ['one or two letters'] },
    { schema: letters, value: ['a', 'b', 'c'], messages: ['one or two letters'] },
    { schema: letters, value: ['1', 2], messages: ['a letter', 'a letter'] },
    { schema: shortText(1, 2), value: '\u{1F600}\u{1F600}', messages: undefined },
    { schema: shortText(1, 2), value: 'abc', messages: ['a text of 1 to 2 characters'] },
    { schema: shortText(1, 2), value: '', messages: ['a text of 1 to 2 characters'] },
    { schema: shortText(0, 2), value: '', messages: undefined },
    { schema: utcSecond(), value: '0000-01-01T00:00:00Z', messages: undefined },
    { schema: utcSecond(), value: '9999-12-31T23:59:59Z', messages: undefined },
    {
      schema: utcSecond(),
      value: '2026-11-31T00:00:00Z',
      messages: ['a time in UTC and whole seconds, such as 2026-12-01T18:00:00Z'],
    },
  ];

  for (const { schema, value, messages } of cases) {
    test(`says ${messages?.join(', ') ?? 'nothing'} of ${JSON.stringify(value)}`, () => {
      assert.deepEqual(
        schema.safeParse(value).error?.issues.map(({ message }) => message),
        messages,
      );
    });
  }
});

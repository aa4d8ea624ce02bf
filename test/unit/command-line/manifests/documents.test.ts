import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { parseAllDocuments } from 'yaml';
import { splitDocuments } from '../../../../src/command-line/manifests/documents.ts';
import { propertyRuns } from '../../../builders/property-runs.ts';

suite('splitDocuments', () => {
  const cases = [
    { name: 'one document', text: 'a: 1\n', documents: [{ text: 'a: 1\n', line: 1 }] },
    { name: 'no document', text: '', documents: [] },
    { name: 'nothing but comments and marks', text: '---\n# none\n---\n\n', documents: [] },
    {
      name: 'two documents with a mark before the first',
      text: '---\na: 1\n---\nb: 2\n',
      documents: [
        { text: '---\na: 1', line: 1 },
        { text: '---\nb: 2\n', line: 3 },
      ],
    },
    {
      name: 'an empty document between two others',
      text: 'a: 1\n---\n# nothing\n---\nb: 2',
      documents: [
        { text: 'a: 1', line: 1 },
        { text: '---\n# nothing\n---\nb: 2', line: 2 },
      ],
    },
    {
      name: 'a mark with a comment, and lines that only look like marks',
      text: 'a: |\n  ---\nb: "----"\n--- # next\nc: 3',
      documents: [
        { text: 'a: |\n  ---\nb: "----"', line: 1 },
        { text: '--- # next\nc: 3', line: 4 },
      ],
    },
    {
      name: 'lines that end as on Windows',
      text: 'a: 1\r\n---\r\nb: 2\r\n',
      documents: [
        { text: 'a: 1\r', line: 1 },
        { text: '---\r\nb: 2\r\n', line: 2 },
      ],
    },
    {
      name: 'concatenated JSON',
      text: '{\n  "a": 1\n}\n{"b": 2}\n\n{"c": [\n{}\n]}',
      documents: [
        { text: '{\n  "a": 1\n}', line: 1 },
        { text: '{"b": 2}\n', line: 4 },
        { text: '{"c": [\n{}\n]}', line: 6 },
      ],
    },
    {
      name: 'a document whose content is indented',
      text: '  a: 1\n---\nb: 2',
      documents: [
        { text: '  a: 1', line: 1 },
        { text: '---\nb: 2', line: 2 },
      ],
    },
  ];
  for (const { name, text, documents } of cases) {
    test(`splits ${name}, in chunks of any size`, () => {
      for (const size of [1, 2, 5, text.length + 1]) {
        assert.deepEqual([...splitDocuments(chunksOf(text, size))], documents, `chunks of ${size}`);
      }
    });
  }

  test('gives the same documents as the parser of the whole text', () => {
    const line = fc.constantFrom(
      '---',
      '--- # x',
      'a: 1',
      'b: |',
      '  ---',
      '  text',
      '# c',
      '',
      '- 1',
      '{a: 1}',
      '...',
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const text = lines.join('\n');
        const whole = valuesOf(text);
        if (whole !== undefined) {
          assert.deepEqual(
            [...splitDocuments([text])].flatMap((part) => valuesOf(part.text)),
            whole,
          );
        }
      }),
      propertyRuns(5_000),
    );
  });
});

function chunksOf(text: string, size: number): readonly string[] {
  return Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
    text.slice(index * size, (index + 1) * size),
  );
}

/** The values of the documents that are not empty; undefined if the text is no YAML. */
function valuesOf(text: string): readonly unknown[] | undefined {
  const documents = parseAllDocuments(text);
  const list = Array.isArray(documents) ? documents : [];
  return list.some(({ errors }) => errors.length > 0)
    ? undefined
    : list.map((document) => document.toJS()).filter((value) => value !== null);
}

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { stringify } from 'yaml';
import { splitList } from '../../../../src/command-line/manifests/list-items.ts';
import { readManifests } from '../../../../src/command-line/manifests/objects.ts';
import type { FileProblem } from '../../../../src/sources/files/objects.ts';

/** The objects of a text as `KIND name line:column`, with the position of the last field of each. */
function read(text: string) {
  const problems: FileProblem[] = [];
  const input = { path: 'f.yaml', read: () => [text] };
  const objects = [...readManifests(input, problems)].map(({ kind, name, positionOf, value }) => {
    const [start, last] = [positionOf([]), positionOf(['metadata', 'annotations', 'role'])];
    return { object: `${kind} ${name}`, start: at(start), role: at(last), value };
  });
  return { objects, problems: problems.map(({ line }) => line) };
}

function at({ line, column }: Readonly<{ line: number; column: number }>): string {
  return `${line}:${column}`;
}

const POD = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    role: r\n';
const pod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, annotations: { role: 'r', note: '"]}, {[ \\' } },
});
/** More than the size at which a List is split. */
const MANY = 1_000;

suite('readManifests', () => {
  test('locates objects and fields in several documents', () => {
    const { objects, problems } = read(`# first\n${POD}---\n${POD.replace('name: a', 'name: b')}`);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      objects.map(({ object, start, role }) => [object, start, role]),
      [
        ['Pod a', '2:1', '7:11'],
        ['Pod b', '9:1', '14:11'],
      ],
    );
  });

  test('locates objects and fields of JSON', () => {
    const { objects } = read(`\n  ${JSON.stringify(pod('a'), null, 2)}\n`);
    assert.deepEqual(
      objects.map(({ object, start, role }) => [object, start, role]),
      [['Pod a', '2:3', '8:15']],
    );
  });

  for (const { name, format } of [
    { name: 'YAML as kubectl prints it', format: (list: object) => stringify(list, { indentSeq: false }) },
    { name: 'YAML with indented items', format: (list: object) => stringify(list) },
    { name: 'JSON as kubectl prints it', format: (list: object) => JSON.stringify(list, null, 4) },
    { name: 'JSON on one line', format: (list: object) => JSON.stringify(list) },
  ]) {
    test(`reads a large List one item after another as it reads a small one: ${name}`, () => {
      const items = Array.from({ length: MANY }, (_, index) => pod(`pod-${index}`));
      const text = format({ apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } });
      const whole = `${text.startsWith('{') ? '\n\n' : '# a\n---\n'}${text}`;
      const { objects, problems } = read(whole);
      assert.deepEqual(problems, []);
      assert.deepEqual(
        objects.map(({ value }) => value),
        items,
      );
      const lines = whole.split('\n');
      for (const index of [0, 1, MANY - 1]) {
        const object = objects[index];
        const [line = 0, column = 0] = (object?.role ?? '').split(':').map(Number);
        assert.match(lines[line - 1]?.slice(column - 1) ?? '', /^"?r"?\b/);
        const [startLine = 0, startColumn = 0] = (object?.start ?? '').split(':').map(Number);
        assert.match(lines[startLine - 1]?.slice(startColumn - 1) ?? '', /^(?:apiVersion|\{)/);
      }
    });
  }

  test('merges maps by <<, as kubectl does', () => {
    const text = `x: &x {role: r, a: b}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  annotations:\n    <<: *x\n    a: c\n`;
    const { objects, problems } = read(text);
    assert.deepEqual(problems, []);
    assert.deepEqual(objects[0]?.value['metadata'], { name: 'a', annotations: { role: 'r', a: 'c' } });
  });

  test('splits a large List in JSON whose metadata stands before its items', () => {
    const items = Array.from({ length: MANY }, (_, index) => pod(`pod-${index}`));
    const text = JSON.stringify({
      kind: 'List',
      apiVersion: 'v1',
      metadata: { resourceVersion: '1' },
      items,
    });
    assert.ok(splitList({ text, line: 1 }) !== undefined);
    assert.equal(read(text).objects.length, MANY);
  });

  test('parses a large List with an anchor as a whole', () => {
    const filler = 'x'.repeat(2_000);
    const items = Array.from(
      { length: 50 },
      () => `- {apiVersion: v1, kind: Pod, metadata: *m, spec: {nodeName: "${filler}"}}`,
    );
    const first = '- {apiVersion: v1, kind: Pod, metadata: &m {name: a}}';
    const { objects, problems } = read(
      `kind: List\napiVersion: v1\nitems:\n${[first, ...items].join('\n')}\n`,
    );
    assert.deepEqual([objects.length, problems], [51, []]);
  });

  test('reads a large object whose field items belongs to no List', () => {
    const entries = Array.from({ length: 5_000 }, (_, index) => `- entry-${index}-of-many`).join('\n');
    const { objects } = read(`apiVersion: example.com/v1\nkind: Menu\nitems:\n${entries}\n`);
    assert.deepEqual([objects.length, objects[0]?.object], [1, 'Menu ']);
  });

  test('gives the items of a PodList their kind, and reads Lists inside Lists', () => {
    const { apiVersion: _version, kind: _kind, ...bare } = pod('a');
    const inner = { apiVersion: 'v1', kind: 'PodList', items: [bare] };
    const { objects } = read(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [inner] }));
    assert.deepEqual(
      objects.map(({ object }) => object),
      ['Pod a'],
    );
  });

  const problems = [
    {
      text: 'a: {{ .Values.x }}',
      lines: [
        /^f\.yaml:1:\d+: \(document\): expected YAML or JSON, found .*; render templates first, such as with helm template$/,
      ],
    },
    {
      text: `${POD}---\n- 1`,
      lines: [/^f\.yaml:8:1: \(document\): expected an object with apiVersion and kind, found a list of 1$/],
    },
    {
      text: 'kind: Pod',
      lines: [/^f\.yaml:1:1: apiVersion: expected a version, such as v1, found nothing$/],
    },
    {
      text: 'apiVersion: v1\nkind: 5',
      lines: [/^f\.yaml:2:7: kind: expected a kind, such as Pod, found 5$/],
    },
    {
      text: 'kind: List\napiVersion: v1\nitems:\n- apiVersion: v1\n- text',
      lines: [
        /^f\.yaml:4:3: items\[0\]\.kind: expected a kind, such as Pod, found nothing$/,
        /^f\.yaml:5:3: items\[1\]: expected an object with apiVersion and kind, found "text"$/,
      ],
    },
    {
      text: '{"apiVersion": "v1", "kind": "Pod", "kind": "Pod"}',
      lines: [/^f\.yaml:1:\d+: \(document\): expected YAML or JSON, found Map keys must be unique$/],
    },
  ];
  for (const { text, lines } of problems) {
    test(`locates the problem of ${JSON.stringify(text)}`, () => {
      const found = read(text).problems;
      assert.equal(found.length, lines.length, found.join('\n'));
      for (const [index, line] of lines.entries()) {
        assert.match(found[index] ?? '', line);
      }
    });
  }

  test('reads the objects beside a document that is no YAML', () => {
    const { objects, problems } = read(`${POD}---\na: b: c\n---\n${POD}`);
    assert.deepEqual([objects.length, problems.length], [2, 1]);
  });
});

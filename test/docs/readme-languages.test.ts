// README.md and README.zh-CN.md have the same content: commands, outputs, chapters and links.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';

const PROJECT = join(import.meta.dirname, '../..');
const MAX_LINES = 110;

const readme = readFileSync(join(PROJECT, 'README.md'), 'utf8');
const chinese = readFileSync(join(PROJECT, 'README.zh-CN.md'), 'utf8');

/** The blocks that a reader types or sees; a diagram has words of its language. */
function blocksOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```.*?^```$/gms)]
    .map(([block]) => block)
    .filter((block) => !block.startsWith('```mermaid'));
}

function headingLevelsOf(markdown: string): readonly number[] {
  return [...withoutBlocks(markdown).matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length);
}

/** The pages and their anchors, without the link to the other language. */
function linksOf(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/\]\(([^)]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^README(\.|$)/.test(target));
}

function fieldsOf(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^\| `(\w+)` \|/gm)].map(([, field = '']) => field);
}

function edgesOf(markdown: string): readonly string[] {
  const [, diagram = ''] = /^```mermaid\n(.*?)^```$/ms.exec(markdown) ?? [];
  return diagram.match(/\w+(?=[[(])|-->|-\./g) ?? [];
}

function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```$/gms, '');
}

suite('README in two languages', () => {
  const parts = [
    { name: 'blocks of commands and outputs', of: blocksOf, atLeast: 4 },
    { name: 'headings', of: headingLevelsOf, atLeast: 6 },
    { name: 'links', of: linksOf, atLeast: 15 },
    { name: 'fields of an allowlist', of: fieldsOf, atLeast: 10 },
    { name: 'nodes and edges of the diagram', of: edgesOf, atLeast: 10 },
  ];

  for (const { name, of, atLeast } of parts) {
    test(`has the same ${name}`, () => {
      const inEnglish = of(readme);

      assert.ok(inEnglish.length >= atLeast, `${inEnglish.length} ${name}`);
      assert.deepEqual(of(chinese), inEnglish);
    });
  }

  test('links from each to the other', () => {
    assert.ok(readme.includes('](README.zh-CN.md)'));
    assert.ok(chinese.includes('](README.md)'));
  });

  test(`has at most ${MAX_LINES} lines in English`, () => {
    const lines = readme.trimEnd().split('\n').length;

    assert.ok(lines <= MAX_LINES, `${lines} lines`);
  });
});

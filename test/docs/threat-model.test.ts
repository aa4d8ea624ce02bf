// docs/threat-model.md claims that every road is governed: each row names the scenario that proves it, and no scenario of a
// road is left out.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { findProblems } from './find-problems.ts';
import { readThreatModel } from './read-threat-model.ts';

const PROJECT = join(import.meta.dirname, '../..');
const SCENARIOS = 'test/e2e/**/*.test.ts';

/** The text of each test by its path, with that of the files in the folder of its name. */
const scenarios = new Map(
  globSync(SCENARIOS, { cwd: PROJECT }).map((path) => {
    const parts = globSync(`${path.replace(/\.test\.ts$/, '')}/*.ts`, { cwd: PROJECT });
    return [path, [path, ...parts].map((part) => readFileSync(join(PROJECT, part), 'utf8')).join('\n')];
  }),
);

suite('the threat model', () => {
  const { roads, subresources } = readThreatModel();

  test('has a row for every road of a scenario, and a scenario for every row', () => {
    assert.deepEqual(findProblems(roads, scenarios), []);
    assert.ok(roads.length > 20);
  });

  test('says what holds each subresource, and names a scenario that exists', () => {
    assert.ok(subresources.length > 0);
    assert.deepEqual(
      subresources.filter(
        ({ held, scenario }) => held === '' || scenario === '' || !existsSync(join(PROJECT, scenario)),
      ),
      [],
    );
  });

  test('links files that exist', () => {
    const text = readFileSync(join(PROJECT, 'docs/threat-model.md'), 'utf8');
    const links = [...text.replaceAll(/<!--.*?-->/gs, '').matchAll(/\]\((?!http)([^)#]+)[^)]*\)/g)].map(
      ([, path = '']) => path,
    );
    assert.deepEqual(
      links.filter((path) => !existsSync(join(PROJECT, 'docs', path))),
      [],
    );
  });
});

suite('what is wrong with a table of roads', () => {
  const FILE = 'test/e2e/scenarios/one.test.ts';
  const GOOD = { road: 'kubectl annotate', up: 'the lock', down: 'the same', scenario: FILE };
  const TEXT = "const ROADS = [{ road: 'kubectl annotate' }];";
  const cases = [
    { name: 'nothing where each names the other', roads: [GOOD], text: TEXT, problems: [] },
    {
      name: 'nothing where a title names the road',
      roads: [GOOD],
      text: "suite('road: kubectl annotate', () => {});",
      problems: [],
    },
    {
      name: 'nothing where the road has an apostrophe',
      roads: [{ ...GOOD, road: "a node's way" }],
      text: `const ROADS = [{ road: "a node's way" }];`,
      problems: [],
    },
    {
      name: 'a row without a scenario',
      roads: [{ ...GOOD, scenario: '' }],
      text: '',
      problems: ['kubectl annotate: names no scenario file'],
    },
    {
      name: 'a row whose scenario does not exist',
      roads: [{ ...GOOD, scenario: 'test/e2e/gone.test.ts' }],
      text: '',
      problems: ['kubectl annotate: there is no test/e2e/gone.test.ts'],
    },
    {
      name: 'a row whose scenario is of other roads',
      roads: [GOOD],
      text: '',
      problems: [`kubectl annotate: ${FILE} has no such road`],
    },
    {
      name: 'a road of a scenario that is in no row',
      roads: [],
      text: TEXT,
      problems: [`kubectl annotate: a road of ${FILE}, in no row`],
    },
    {
      name: 'a row that leaves a state open',
      roads: [{ ...GOOD, down: '' }],
      text: TEXT,
      problems: ['kubectl annotate: says nothing of a state of the webhook'],
    },
    {
      name: 'a row that is there twice',
      roads: [GOOD, GOOD],
      text: TEXT,
      problems: ['kubectl annotate: is there twice'],
    },
  ];
  for (const { name, roads, text, problems } of cases) {
    test(name, () => assert.deepEqual(findProblems(roads, new Map([[FILE, text]])), problems));
  }

  test('a row in a comment does not count', () => {
    const table = '| road | up | down | scenario |\n| - | - | - | - |\n';
    const row = `| \`kubectl annotate\` | the lock | the same | [one](../${FILE}) |\n`;
    assert.deepEqual(readThreatModel(`${table}${row}`).roads, [GOOD]);
    assert.deepEqual(readThreatModel(`${table}<!--\n${row}-->\n`).roads, []);
  });
});

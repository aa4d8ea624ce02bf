// docs/adding-a-rule.md names the files that a new field touches: they exist, and tsc or a test fails in each without it.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { PROJECT, runProcess } from '../support/run-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MAX_FILES = 12;

const DOCUMENT = readFileSync(join(PROJECT, 'docs/adding-a-rule.md'), 'utf8');
const ENTRIES = [...DOCUMENT.matchAll(/^\d+\. `([^`]+)`( \(new\))?:/gm)].map(([, path = '', isNew]) => ({
  path,
  isNew: isNew !== undefined,
}));
const EXISTING = ENTRIES.filter(({ isNew }) => !isNew).map(({ path }) => path);

const SCHEMA = 'src/policy/schema/allowlist.ts';
const SUBJECT = 'src/policy/subject.ts';
const POD = 'src/admission/pod.ts';

/** The field is an error in these as soon as the schema has it. */
const NAME_EVERY_FIELD = [
  SUBJECT,
  'src/policy/allowlist.ts',
  'src/export/allowlist-entry.ts',
  'test/builders/allowlist-cases.ts',
  'test/builders/arbitraries.ts',
  'test/builders/reference.ts',
];

/** The fact is an error in these as soon as Subject and Pod have it. */
const NAME_EVERY_FACT = [SUBJECT, POD, 'test/unit/admission/pod.test.ts'];

suite('docs/adding-a-rule.md', () => {
  test(`names at most ${MAX_FILES} files, each once`, () => {
    assert.ok(ENTRIES.length > 0 && ENTRIES.length <= MAX_FILES, `${ENTRIES.length} files`);
    assert.equal(new Set(ENTRIES.map(({ path }) => path)).size, ENTRIES.length);
    assert.equal(DOCUMENT.match(/^\d+\. /gm)?.length, ENTRIES.length);
  });

  for (const { path, isNew } of ENTRIES) {
    test(`names ${path}, which ${isNew ? 'does not exist yet' : 'exists'}`, () => {
      assert.equal(existsSync(join(PROJECT, path)), !isNew);
    });
  }

  test('names every file that these tests expect to fail', () => {
    const expected = new Set([SCHEMA, ...NAME_EVERY_FIELD, ...NAME_EVERY_FACT, 'CHANGELOG.md']);
    assert.deepEqual([...expected].sort(), EXISTING.toSorted());
  });

  test('a new field fails in every file that names the fields, and has no case', async (t) => {
    const copy = copyProject(t);
    insert(copy, SCHEMA, '  injectInto: z.enum(', '  imageRegistries: z.array(z.string()).optional(),\n');
    assert.deepEqual(filesWithout(await failingFiles(t, copy), NAME_EVERY_FIELD), []);

    const pattern = '--test-name-pattern=use every field of an allowlist';
    const { ended, stdout } = runProcess(
      t,
      'node',
      ['--test', pattern, 'test/unit/admission/pods/cases.test.ts'],
      {
        cwd: copy,
      },
    );
    assert.notEqual(await ended, 0);
    assert.match(stdout(), /imageRegistries/);
  });

  test('a new fact fails in every file that names the facts', async (t) => {
    const copy = copyProject(t);
    insert(copy, SUBJECT, '  hasEciMarker: boolean;\n', '  images: readonly string[];\n');
    insert(copy, POD, '  hasEciMarker: boolean;\n', '  images: readonly string[];\n');
    assert.deepEqual(filesWithout(await failingFiles(t, copy), NAME_EVERY_FACT), []);
  });
});

/** What tsc reads, in a directory of its own. */
function copyProject(t: TestContext): string {
  const copy = temporaryDirectory(t);
  for (const path of ['src', 'test', 'scripts', 'bench', 'package.json', 'tsconfig.json']) {
    cpSync(join(PROJECT, path), join(copy, path), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

function insert(copy: string, path: string, before: string, text: string): void {
  const source = readFileSync(join(copy, path), 'utf8');
  assert.equal(source.split(before).length, 2, `${path} has ${before} once`);
  writeFileSync(join(copy, path), source.replace(before, text + before));
}

/** The files with an error of tsc that is about the new field or fact. */
async function failingFiles(t: TestContext, copy: string): Promise<ReadonlySet<string>> {
  const tsc = join(PROJECT, 'node_modules/typescript/bin/tsc');
  const { ended, stdout } = runProcess(t, 'node', [tsc, '--pretty', 'false'], { cwd: copy });
  await ended;
  return new Set(
    [...stdout().matchAll(/^(\S+)\(\d+,\d+\): error .*(?:imageRegistries|'?images'?)/gm)].map(
      ([, path = '']) => path,
    ),
  );
}

function filesWithout(failing: ReadonlySet<string>, expected: readonly string[]): readonly string[] {
  return expected.filter((path) => !failing.has(path));
}

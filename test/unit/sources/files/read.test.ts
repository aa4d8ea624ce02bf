import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readAllowlistFiles } from '../../../../src/sources/files/read.ts';
import { expectProblem, expectValue } from '../../../builders/result.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

test('reads a file under the path that the user gave, whatever its name', (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'lists'), 'text');
  assert.deepEqual(readAllowlistFiles(`${directory}/../${directory.split('/').at(-1)}/lists`), {
    ok: true,
    value: [{ path: `${directory}/../${directory.split('/').at(-1)}/lists`, text: 'text' }],
  });
});

test('reads the YAML and JSON files of a directory by name, not what is hidden, below it or of other kinds', (t) => {
  const directory = temporaryDirectory(t);
  for (const name of [
    'b.yaml',
    'a.yml',
    'c.json',
    '10.yaml',
    '9.yaml',
    '.hidden.yaml',
    'd.txt',
    'e.yaml~',
    'F.YAML',
  ]) {
    writeFileSync(join(directory, name), name);
  }
  mkdirSync(join(directory, 'sub'));
  writeFileSync(join(directory, 'sub', 'z.yaml'), 'z');
  mkdirSync(join(directory, 'directory.yaml'));
  assert.deepEqual(
    expectValue(readAllowlistFiles(directory)),
    ['10.yaml', '9.yaml', 'a.yml', 'b.yaml', 'c.json'].map((name) => ({
      path: join(directory, name),
      text: name,
    })),
  );
});

test('fails if a directory has no file that may hold allowlists', (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'README.txt'), 'text');
  assert.equal(
    expectProblem(readAllowlistFiles(directory)),
    `${directory}: expected files named *.yaml, *.yml, *.json in the directory, found none`,
  );
});

test('reads each mounted file once where Kubernetes keeps them behind symbolic links', (t) => {
  const directory = temporaryDirectory(t);
  mkdirSync(join(directory, '..2026_11_25'));
  writeFileSync(join(directory, '..2026_11_25', 'lists.yaml'), 'text');
  symlinkSync('..2026_11_25', join(directory, '..data'));
  symlinkSync('..data/lists.yaml', join(directory, 'lists.yaml'));
  assert.deepEqual(readAllowlistFiles(directory), {
    ok: true,
    value: [{ path: join(directory, 'lists.yaml'), text: 'text' }],
  });
});

test('tells of a path that is not there', (t) => {
  const path = join(temporaryDirectory(t), 'absent');
  assert.deepEqual(readAllowlistFiles(path), {
    ok: false,
    problem: `${path}: expected a file or directory that can be read, found ENOENT: no such file or directory, stat '${path}'`,
  });
});

test('tells of a file of a directory whose link leads nowhere', (t) => {
  const directory = temporaryDirectory(t);
  symlinkSync('nowhere', join(directory, 'lists.yaml'));
  const problem = expectProblem(readAllowlistFiles(directory));
  assert.match(problem, /\/lists\.yaml: expected a file or directory that can be read, found ENOENT/);
});

test('tells of a link that leads back to itself, which nobody may read', (t) => {
  const path = join(temporaryDirectory(t), 'lists.yaml');
  symlinkSync('lists.yaml', path);
  assert.match(expectProblem(readAllowlistFiles(path)), /found ELOOP: too many symbolic links/);
});

test('refuses a pipe instead of waiting for it', (t) => {
  const path = join(temporaryDirectory(t), 'lists.yaml');
  execFileSync('mkfifo', [path]);
  assert.deepEqual(readAllowlistFiles(path), {
    ok: false,
    problem: `${path}: expected a file or directory that can be read, found something else`,
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { startFileSource } from '../../../../src/sources/files/source.ts';
import { UsableError } from '../../../../src/text/problem.ts';
import { allowlistYaml } from '../../../builders/allowlist-yaml.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';
import { until } from '../../../support/until.ts';

/** Watches a path and keeps what the source tells: names of lists, or problems. */
function watchPath(t: TestContext, path: string): readonly string[] {
  const told: string[] = [];
  const source = startFileSource(path, {
    protectedRoles: [],
    onProblems: (problems) => told.push(...problems),
    onOtherKinds: (kinds) => told.push(JSON.stringify([...kinds])),
  });
  source.watch(({ changed, removed }) =>
    told.push([...changed.map(({ name }) => name), ...removed.map((name) => `-${name}`)].join(',')),
  );
  t.after(source.close);
  return told;
}

const ignore = () => undefined;

const hasTold = (told: readonly string[], times: number) => () => told.length >= times;

suite('startFileSource', () => {
  test('throws with all problems of all files, a line each', (t) => {
    const directory = temporaryDirectory(t);
    writeFileSync(join(directory, 'a.yaml'), 'kind: Pod');
    writeFileSync(join(directory, 'b.yaml'), allowlistYaml({ namespaces: '[]' }));
    assert.throws(
      () => startFileSource(directory, { protectedRoles: [], onProblems: ignore, onOtherKinds: ignore }),
      new UsableError(
        [
          `${directory}/a.yaml:1:7: kind: expected RamRoleAllowlist of eci-ram-role.io/v1alpha1, found "Pod"`,
          `${directory}/b.yaml:6:15: spec.namespaces: expected a list of 1 to 256 namespaces, found a list of 0`,
        ].join('\n'),
      ),
    );
  });
});

suite('the watch of a file source', { concurrency: true }, () => {
  test('tells of lists that were added to a file', async (t) => {
    const file = join(temporaryDirectory(t), 'lists.yaml');
    writeFileSync(file, allowlistYaml());
    const told = watchPath(t, file);
    writeFileSync(file, `${allowlistYaml()}---\n${allowlistYaml({ name: 'analytics' })}`);
    await until('a change', hasTold(told, 1));
    assert.deepEqual(told, ['analytics']);
  });

  test('tells of the swap by which Kubernetes changes a mounted ConfigMap', async (t) => {
    const directory = temporaryDirectory(t);
    const write = (version: string, name: string) => {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'lists.yaml'), allowlistYaml({ name }));
    };
    write('..1', 'before');
    symlinkSync('..1', join(directory, '..data'));
    symlinkSync('..data/lists.yaml', join(directory, 'lists.yaml'));
    const told = watchPath(t, directory);

    write('..2', 'after');
    symlinkSync('..2', join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    rmSync(join(directory, '..1'), { recursive: true });
    await until('a change', hasTold(told, 1));
    assert.deepEqual(told, ['after,-before']);
  });

  test('tells nothing of a file that is half written, until it has been written', async (t) => {
    const file = join(temporaryDirectory(t), 'lists.yaml');
    writeFileSync(file, allowlistYaml());
    const told = watchPath(t, file);
    const whole = allowlistYaml({ name: 'whole' });
    // A writer that takes its time, with something new at every reading.
    for (let size = 10; size < whole.length; size += 10) {
      writeFileSync(file, whole.slice(0, size));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(told, []);
    writeFileSync(file, whole);
    await until('a change', hasTold(told, 1));
    assert.deepEqual(told, ['whole,-payments']);
  });

  test('tells problems once, and of good lists again once they are', async (t) => {
    const file = join(temporaryDirectory(t), 'lists.yaml');
    writeFileSync(file, allowlistYaml());
    const told = watchPath(t, file);
    writeFileSync(file, 'kind: Pod');
    await until('a problem', hasTold(told, 1));
    writeFileSync(file, allowlistYaml());
    await until('a change', hasTold(told, 2));
    assert.deepEqual(told, [
      `${file}:1:7: kind: expected RamRoleAllowlist of eci-ram-role.io/v1alpha1, found "Pod"`,
      '',
    ]);
  });

  for (const { title, write } of [
    { title: 'a file that is emptied', write: (file: string) => writeFileSync(file, '') },
    { title: 'the only file of a directory removed', write: (file: string) => rmSync(file) },
  ]) {
    test(`keeps the last good lists: ${title}`, async (t) => {
      const directory = temporaryDirectory(t);
      const file = join(directory, 'lists.yaml');
      writeFileSync(file, allowlistYaml());
      const told = watchPath(t, directory);
      write(file);
      await until('a problem', hasTold(told, 1));
      assert.match(told[0] ?? '', /expected .*, found none$/);
      writeFileSync(file, '{"apiVersion":"v1","kind":"List","items":[]}');
      await until('a change', hasTold(told, 2));
      assert.equal(told[1], '-payments');
    });
  }

  test('reports the other kinds of the first files, and again when they change', async (t) => {
    const file = join(temporaryDirectory(t), 'lists.yaml');
    const namespace = 'apiVersion: v1\nkind: Namespace\n---\n';
    writeFileSync(file, namespace + allowlistYaml());
    const told = watchPath(t, file);
    assert.deepEqual(told, ['[["Namespace",1]]']);
    writeFileSync(file, namespace + namespace + allowlistYaml());
    await until('a change', hasTold(told, 3));
    assert.deepEqual(told.slice(1), ['[["Namespace",2]]', '']);
  });

  test('tells of a directory that vanishes, and comes back', async (t) => {
    const directory = join(temporaryDirectory(t), 'lists');
    mkdirSync(directory);
    writeFileSync(join(directory, 'a.yaml'), allowlistYaml());
    const told = watchPath(t, directory);
    renameSync(directory, `${directory}-gone`);
    await until('a problem', hasTold(told, 1));
    renameSync(`${directory}-gone`, directory);
    await until('a change', hasTold(told, 2));
    assert.match(told[0] ?? '', /lists: expected a file or directory that can be read, found ENOENT/);
    assert.equal(told[1], '');
  });

  test('tells nothing where the same content is written again', async (t) => {
    const file = join(temporaryDirectory(t), 'lists.yaml');
    writeFileSync(file, allowlistYaml());
    const told = watchPath(t, file);
    for (let time = 0; time < 30; time++) {
      writeFileSync(file, allowlistYaml());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.deepEqual(told, []);
  });

  test('tells the later of two changes last, however long the earlier one takes to read', async (t) => {
    const file = join(temporaryDirectory(t), 'lists.yaml');
    writeFileSync(file, allowlistYaml());
    const told = watchPath(t, file);
    const many = Array.from({ length: 1_000 }, (_, index) => allowlistYaml({ name: `a-${index}` })).join(
      '---\n',
    );
    writeFileSync(file, many);
    await until('the large change', hasTold(told, 1));
    writeFileSync(file, allowlistYaml({ name: 'last' }));
    await until('the last change', () => told.at(-1)?.startsWith('last,-'));
  });
});

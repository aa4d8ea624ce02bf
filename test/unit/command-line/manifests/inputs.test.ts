import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { suite, test } from 'node:test';
import { listInputs } from '../../../../src/command-line/manifests/inputs.ts';
import { UsableError } from '../../../../src/text/problem.ts';
import { temporaryDirectory } from '../../../support/temporary-directory.ts';

suite('listInputs', () => {
  test('lists the YAML and JSON files of a directory and those inside it, by name', async (t) => {
    const directory = temporaryDirectory(t);
    mkdirSync(join(directory, 'b/c'), { recursive: true });
    mkdirSync(join(directory, '.git'));
    for (const name of ['z.yaml', 'a.yml', 'b/c/x.json', 'README.md', '.git/config.yaml', '.hidden.yaml']) {
      writeFileSync(join(directory, name), `# ${name}`);
    }
    symlinkSync('..', join(directory, 'b/loop'));
    symlinkSync('../z.yaml', join(directory, 'b/linked.yaml'));
    const inputs = await listInputs([directory]);
    assert.deepEqual(
      inputs.map(({ path }) => relative(directory, path)),
      ['a.yml', 'b/c/x.json', 'b/linked.yaml', 'z.yaml'],
    );
    assert.deepEqual(
      inputs.map(({ read }) => [...read()].join('')),
      ['# a.yml', '# b/c/x.json', '# z.yaml', '# z.yaml'],
    );
  });

  test('reads a file again, and characters that lie across two chunks', async (t) => {
    const file = join(temporaryDirectory(t), 'f.yaml');
    const text = `a${'付'.repeat(200_000)}`;
    writeFileSync(file, text);
    const [input] = await listInputs([file]);
    for (let time = 0; time < 2; time++) {
      assert.equal([...(input?.read() ?? [])].join(''), text);
    }
  });

  test('fails for a directory without such files, and for a file that is not there', async (t) => {
    const directory = temporaryDirectory(t);
    await assert.rejects(
      listInputs([directory]),
      new UsableError(
        `${directory}: expected files named *.yaml, *.yml, *.json in the directory, found none`,
      ),
    );
    await assert.rejects(
      listInputs([join(directory, 'absent')]),
      /^UsableError: .*absent: expected a file or directory that can be read, found ENOENT: /,
    );
  });
});

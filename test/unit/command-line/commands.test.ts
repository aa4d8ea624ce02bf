import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { ALLOWLIST_SCHEMA } from '../../../scripts/json-schemas.ts';
import { COMMANDS } from '../../../src/command-line/commands.ts';
import { runCommand } from '../../builders/command-line.ts';
import { PROJECT, runProcess } from '../../support/run-process.ts';

const MAIN = join(PROJECT, 'src/command-line/main.ts');

suite('the command line', { concurrency: 2 }, () => {
  for (const argv of [[], ['--help'], ['-h'], ['help']]) {
    test(`lists the commands, their first examples and the exit codes: ${argv.join(' ') || 'no argument'}`, async () => {
      const { code, stdout, stderr } = await runCommand(argv);
      assert.deepEqual([code, stderr], [0, '']);
      for (const { name, summary, examples } of COMMANDS) {
        assert.match(stdout, new RegExp(`^  ${name} +${RegExp.escape(summary)}$`, 'm'));
        assert.ok(stdout.includes(`\n  eci-ram-role ${examples[0]?.command}\n`));
      }
      for (const exitCode of [0, 1, 2]) {
        assert.match(stdout, new RegExp(`^  ${exitCode}  `, 'm'));
      }
    });
  }

  test('prints its version', async () => {
    const { version } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
    for (const flag of ['--version', '-V']) {
      assert.deepEqual(await runCommand([flag]), { code: 0, stdout: `${version}\n`, stderr: '' });
    }
  });

  const misspelt = [
    { name: 'chekc', nearest: 'check' },
    { name: 'whocan', nearest: 'who-can' },
    { name: 'explian', nearest: 'explain' },
    { name: 'frobnicate', nearest: undefined },
  ];
  for (const { name, nearest } of misspelt) {
    test(`names the nearest command of ${name}: ${nearest ?? 'none'}`, async () => {
      const { code, stdout, stderr } = await runCommand([name, '--output=json']);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, new RegExp(`found "${name}"${nearest ? `; did you mean ${nearest}\\?` : ''}\n`));
    });
  }

  test('names the nearest option of a misspelt one', async () => {
    const { code, stderr } = await runCommand(['check', '-f', 'x', '--allowlist=x']);
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^unknown option '--allowlist=x' \(Did you mean --allowlists\?\); --help lists the options\n/,
    );
  });

  for (const { name, examples, options, arguments: args } of COMMANDS) {
    test(`${name} --help shows its arguments, its options and its examples`, async (t) => {
      const { ended, stdout, stderr } = runProcess(t, 'node', [MAIN, name, '--help']);
      assert.deepEqual([await ended, stderr()], [0, '']);
      const first = stdout().split('\n')[0];
      assert.match(first ?? '', new RegExp(`^Usage: eci-ram-role ${name} \\[options\\]`));
      for (const argument of args) {
        assert.ok(first?.includes(argument.name));
      }
      for (const option of Object.keys(options.shape)) {
        assert.ok(
          stdout().includes(`--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} <`),
          option,
        );
      }
      for (const { command } of examples) {
        assert.ok(stdout().includes(`\n  eci-ram-role ${command}\n`), command);
      }
    });

    for (const { command } of examples) {
      test(`the example works: ${command}`, async (t) => {
        const { ended, stdout, stderr } = runProcess(t, 'sh', ['-c', `node ${MAIN} ${command}`]);
        const code = await ended;
        assert.ok(code === 0 || code === 1, `${code}: ${stderr()}`);
        assert.notEqual(stdout(), '');
      });
    }
  }

  const outputs = [
    'check -f examples/developers -f examples/deployment.yaml -o json',
    'check -f examples/developers/arn.yaml --allowlists examples/allowlists.yaml -o json',
    'test examples/tests -o json',
    'explain payments --allowlists examples/developers/allowlists.yaml -o json',
    'explain -f examples/developers/near-miss.yaml --allowlists examples/allowlists.yaml -o json',
    'who-can payments-reader --allowlists examples/developers/allowlists.yaml -o json',
    'who-can KubernetesMasterRole-x --allowlists examples/developers/allowlists.yaml -o json',
    'diff examples/developers/allowlists.yaml examples/tests/payments.yaml -f examples/developers -o json',
    'review -f examples/reviews --allowlists examples/allowlists.yaml -o json',
  ];
  for (const command of outputs) {
    test(`the JSON has the schema of the package: ${command}`, async () => {
      const argv = command.replaceAll('examples/', `${join(PROJECT, 'examples')}/`).split(' ');
      const { stdout, stderr } = await runCommand(argv);
      assert.ok(stdout.startsWith('{'), stderr);
      const schema = JSON.parse(readFileSync(join(PROJECT, `schemas/${argv[0]}-output.json`), 'utf8'));
      const validate = new Ajv({ allErrors: true }).compile(schema);
      assert.ok(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
    });
  }

  test('the schemas of allowlists and of suites accept the examples, and no misspelt field', () => {
    const read = (path: string) => readFileSync(join(PROJECT, path), 'utf8');
    const cases = [
      { schema: ALLOWLIST_SCHEMA, file: 'examples/tests/payments.yaml' },
      { schema: 'suite.json', file: 'examples/tests/payments.test.yaml' },
    ];
    for (const { schema, file } of cases) {
      const validate = new Ajv({ strict: false, logger: false }).compile(
        JSON.parse(read(`schemas/${schema}`)),
      );
      for (const document of read(file).split('---\n')) {
        const object: object = parse(document);
        assert.ok(validate(object), `${file}: ${JSON.stringify(validate.errors)}`);
        assert.ok(!validate({ ...object, spce: {} }), file);
        assert.ok(
          !validate({ ...object, spec: { roles: [], namespaces: ['a'], namespaceSelector: {} } }),
          file,
        );
      }
    }
  });

  test('every command with an output of its own has it in JSON too, by a schema', () => {
    for (const { name, options, result } of COMMANDS) {
      if (name !== 'completion') {
        assert.ok('output' in options.shape, name);
        assert.equal(result === undefined, name === 'export', name);
      }
    }
  });
});

suite('on a terminal', { concurrency: 2 }, () => {
  const command = `node ${MAIN} check -f examples/deployment.yaml --allowlists examples/allowlists.yaml`;
  const cases = [
    { name: 'colors', env: {}, isColored: true },
    { name: 'NO_COLOR forbids colors', env: { NO_COLOR: '1' }, isColored: false },
    { name: 'TERM=dumb forbids colors', env: { TERM: 'dumb' }, isColored: false },
  ];
  for (const { name, env, isColored } of cases) {
    test(`a table with titles: ${name}`, async (t) => {
      const argv = ['--quiet', '--flush', '--return', '--command', command, '/dev/null'];
      const { ended, stdout } = runProcess(t, 'script', argv, { env: { TERM: 'xterm-256color', ...env } });
      await ended;
      assert.match(stdout(), /OUTCOME.*OBJECT.*RAM ROLE.*ALLOWLISTS/);
      assert.equal(stdout().includes('\u001b['), isColored);
    });
  }

  test('piped, no titles and no colors', async (t) => {
    const { ended, stdout } = runProcess(t, 'sh', ['-c', command], { env: { TERM: 'xterm-256color' } });
    await ended;
    assert.deepEqual([stdout().includes('OUTCOME'), stdout().includes('\u001b')], [false, false]);
    assert.match(stdout(), /^\w+\tDeployment /m);
  });
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Command } from 'commander';
import { EXPORT_OPTIONS } from '../../../src/command-line/export.ts';
import { ConfigError, parseOptions } from '../../../src/config/parse.ts';

const REQUIRED = ['--format=validating-admission-policy', '-f', 'lists'];

const DEFAULTS = {
  format: 'validating-admission-policy',
  filename: 'lists',
  unlistedNamespaces: 'Deny',
  protectedRoles: ['KubernetesMasterRole-*', 'KubernetesWorkerRole-*'],
  eciDetection: 'markers',
  excludedNamespaces: ['kube-system'],
  output: 'yaml',
};

const parse = (argv: readonly string[]) =>
  parseOptions(new Command('export'), EXPORT_OPTIONS, { argv, hasEnvironment: false });

suite('the options of export', () => {
  const good = [
    { argv: [], changed: {} },
    {
      argv: ['--unlisted-namespaces', 'Audit', '--protected-roles', 'Admin', '--protected-roles=Root-*, x'],
      changed: { unlistedNamespaces: 'Audit', protectedRoles: ['Admin', 'Root-*', 'x'] },
    },
    { argv: ['--eci-detection', 'all-pods'], changed: { eciDetection: 'all-pods' } },
    {
      argv: ['--protected-roles', 'x'],
      changed: { protectedRoles: ['x'] },
    },
    {
      argv: ['--protected-roles='],
      changed: { protectedRoles: [] },
    },
    {
      argv: ['--excluded-namespaces', 'kube-system, a', '--excluded-namespaces=b'],
      changed: { excludedNamespaces: ['kube-system', 'a', 'b'] },
    },
    { argv: ['--excluded-namespaces', ''], changed: { excludedNamespaces: [] } },
  ];

  for (const { argv, changed } of good) {
    test(`takes ${JSON.stringify(argv)}`, () => {
      assert.deepEqual(parse([...REQUIRED, ...argv]), { ...DEFAULTS, ...changed });
    });
  }

  test('takes the long name of -f', () => {
    const argv = ['--format=validating-admission-policy', '--filename=other'];
    assert.equal(parse(argv).filename, 'other');
  });

  const bad = [
    {
      argv: [],
      problems: [
        '--format: expected validating-admission-policy, mutating-admission-policy, found nothing',
        '--filename: expected a file or directory, or - for standard input, found nothing',
      ],
    },
    {
      argv: ['--format=gatekeeper', '-f', ''],
      problems: [
        '--format: expected validating-admission-policy, mutating-admission-policy, found "gatekeeper"',
        '--filename: expected a file or directory, or - for standard input, found ""',
      ],
    },
    {
      argv: [
        ...REQUIRED,
        '--unlisted-namespaces=deny',
        '--protected-roles=acs:ram',
        '--excluded-namespaces=A',
      ],
      problems: [
        '--unlisted-namespaces: expected Deny, Strip, Warn, Audit, found "deny"',
        '--protected-roles: expected role names separated by commas; * matches any number of characters, found "acs:ram"',
        '--excluded-namespaces: expected names of namespaces separated by commas, found "A"',
      ],
    },
    {
      argv: [...REQUIRED, '-f', 'others', '--filename=others', '--unlisted-namespaces=deny'],
      problems: [
        '--filename: expected one value, found "lists", "others", "others"',
        '--unlisted-namespaces: expected Deny, Strip, Warn, Audit, found "deny"',
      ],
    },
    {
      argv: [...REQUIRED, '--secure-port=1'],
      problems: ["unknown option '--secure-port=1'; --help lists the options"],
    },
    {
      argv: ['-f', 'lists', 'lists.yaml'],
      problems: [
        'too many arguments. Expected 0 arguments but got 1: lists.yaml; --help lists the options',
        '--format: expected validating-admission-policy, mutating-admission-policy, found nothing',
      ],
    },
    {
      argv: ['-f'],
      problems: ["option '-f, --filename <file-or-directory>' argument missing; --help lists the options"],
    },
  ];

  for (const { argv, problems } of bad) {
    test(`refuses ${JSON.stringify(argv)}`, () => {
      assert.throws(() => parse(argv), new ConfigError(problems.join('\n')));
    });
  }
});

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { parseCaseFile } from './case-file.ts';

const GOOD = `name: allows nothing
pod: {role: !text [r, [ab, 2]], annotations: {__proto__: x}}
allowlists: []
mutate: {outcome: allow, reason: no-role}
validate: {outcome: allow, reason: no-role}
`;

suite('parseCaseFile', () => {
  test('keeps the values of a pod as they are', () => {
    const { pod } = parseCaseFile(GOOD, 'a.yaml');

    assert.equal(JSON.stringify(pod), '{"role":"rabab","annotations":{"__proto__":"x"}}');
  });

  const mistakes = [
    { name: 'an unknown key', from: 'name:', to: 'color: red\nname:', error: /^a\.yaml:1: color: / },
    {
      name: 'an unknown key of the pod',
      from: '{role:',
      to: '{rolle: a, role:',
      error: /^a\.yaml:2: pod\.rolle: /,
    },
    {
      name: 'an unknown key of an answer',
      from: 'validate: {',
      to: 'validate: {message: no, ',
      error: /^a\.yaml:5: validate\.message: /,
    },
    {
      name: 'a key that is unknown to the settings',
      from: 'mutate',
      to: 'settings: {now: 1}\nmutate',
      error: /^a\.yaml:4: settings\.now: /,
    },
    { name: 'no answer in a phase', from: /^validate.*\n/m, to: '', error: /^a\.yaml:1: validate: / },
    {
      name: 'an answer without its outcome',
      from: 'outcome: allow, ',
      to: '',
      error: /^a\.yaml:4: mutate\.outcome: /,
    },
    {
      name: 'an answer without its reason',
      from: ', reason: no-role',
      to: '',
      error: /^a\.yaml:4: mutate\.reason: /,
    },
    { name: 'no allowlists', from: 'allowlists: []\n', to: '', error: /^a\.yaml:1: allowlists: / },
    { name: 'no name', from: 'name: allows nothing\n', to: '', error: /^a\.yaml:1: name: / },
    {
      name: 'an injection of no role',
      from: 'allow,',
      to: 'inject,',
      error: /^a\.yaml:4: mutate\.role: expected the/,
    },
    {
      name: 'a role that is not set',
      from: 'allow,',
      to: 'deny, role: r,',
      error: /^a\.yaml:4: mutate\.role: expected no/,
    },
    { name: 'an unknown tag', from: '!text', to: '!texts', error: /^a\.yaml:2: Unresolved tag/ },
    {
      name: 'a piece of a text that is none',
      from: '[ab, 2]',
      to: '[ab]',
      error: /^a\.yaml:2: !text: expected/,
    },
    {
      name: 'the same key twice',
      from: 'name:',
      to: 'name: a\nname:',
      error: /^a\.yaml:2: Map keys must be unique/,
    },
  ];

  for (const { name, from, to, error } of mistakes) {
    test(`names the file and line of ${name}`, () => {
      assert.throws(() => parseCaseFile(GOOD.replace(from, to), 'a.yaml'), { message: error });
    });
  }
});

// docs/workload-checks.md shows what is really printed: every line of its text blocks is a message of the server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { parse } from 'yaml';
import { allowlistOf, policyOf } from '../builders/policy.ts';
import {
  decideRequest,
  type KindOfWorkload,
  ROLE_KEY,
  requestOf,
  templateOf,
  workloadOf,
} from '../builders/workload.ts';

const document = readFileSync(new URL('../../docs/workload-checks.md', import.meta.url), 'utf8');

function blocks(language: string): readonly string[] {
  return [...document.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms'))].map(
    ([, text = '']) => text,
  );
}

const ECI = { labels: { eci: 'true' } };
const RRSA = { containers: [{ env: [{ name: 'ALIBABA_CLOUD_ROLE_ARN' }] }] };

/** All messages about objects like those of the document. */
function listMessages(): readonly string[] {
  const own = { annotations: { [ROLE_KEY]: 'reader' } };
  const misspelt = { annotations: { 'k8s.aliyun.com/eci-ram-rolename': 'reader' } };
  const objects: readonly (readonly [KindOfWorkload, unknown])[] = [
    ['Deployment', workloadOf('Deployment', templateOf('writer', ECI))],
    ['Deployment', workloadOf('Deployment', templateOf(undefined, ECI))],
    ['Deployment', workloadOf('Deployment', templateOf(undefined, misspelt))],
    ['Deployment', workloadOf('Deployment', templateOf(undefined), own)],
    ['Deployment', workloadOf('Deployment', templateOf(undefined), misspelt)],
    ['Deployment', workloadOf('Deployment', templateOf(undefined, { labels: own.annotations }))],
    ['ServiceAccount', { metadata: own }],
    ['Deployment', workloadOf('Deployment', templateOf('reader', { spec: RRSA }))],
    ['Workflow', { spec: { templates: [{ metadata: { annotations: { [ROLE_KEY]: 'writer' } } }] } }],
  ];
  return (['Deny', 'Strip', 'Warn'] as const).flatMap((violationAction) => {
    const spec = { violationAction, contact: '#platform-payments', defaultRole: 'reader' };
    const policy = policyOf([allowlistOf('payments', spec)]);
    return (['Warn', 'Deny'] as const).flatMap((action) =>
      objects.flatMap(([kind, object]) => {
        const decision = decideRequest(requestOf(kind, object), policy, { action });
        assert.ok(decision);
        const { warnings, denial } = decision;
        return denial === undefined ? warnings : [...warnings, denial.message];
      }),
    );
  });
}

test('every line that docs/workload-checks.md shows is a message of the server', () => {
  const messages = listMessages();
  const printed = blocks('console')
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith('Warning: '))
    .map((line) => line.slice('Warning: '.length));
  const shown = [...printed, ...blocks('text').flatMap((text) => text.trimEnd().split('\n'))];
  assert.ok(shown.length >= 10, `${shown.length} lines`);
  assert.deepEqual(
    shown.filter((line) => !messages.includes(line)),
    [],
  );
});

test('the kinds that docs/workload-checks.md switches on are those that values.yaml has to switch on', () => {
  const values = readFileSync(
    new URL('../../charts/eci-ram-role-webhook/values.yaml', import.meta.url),
    'utf8',
  );
  const inValues = [...values.matchAll(/^ {2}# (- \{apiGroups: .*)$/gm)].map(
    ([, line = '']) => parse(line)[0],
  );
  const [yaml = ''] = blocks('yaml');
  assert.deepEqual(parse(yaml).workloads.customKinds, inValues);
});

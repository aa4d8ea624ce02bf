import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type Decision, NOTHING_TO_DO } from '../../../src/admission/decision.ts';
import type { AdmissionRequest } from '../../../src/admission/review.ts';
import { logDecision } from '../../../src/http/decision-log.ts';
import { createLoggerTo, LOG_LEVELS, type LogLevel } from '../../../src/observability/logger.ts';

const REVIEW: AdmissionRequest = {
  uid: 'uid-1',
  namespace: 'payments',
  operation: 'CREATE',
  resource: { group: '', resource: 'pods' },
  kind: 'Pod',
  subresource: '',
  dryRun: false,
  name: '',
  object: { metadata: { annotations: { secret: 'secret' } } },
  oldObject: null,
};

const POD = { name: '', generateName: 'api-', serviceAccount: 'default' };

suite('the level of a decision', () => {
  const cases: readonly Readonly<Pick<Decision, 'outcome' | 'reason'> & { level: LogLevel }>[] = [
    { outcome: 'allow', reason: 'no-role', level: 'debug' },
    { outcome: 'allow', reason: 'allowed', level: 'info' },
    { outcome: 'allow', reason: 'not-decided', level: 'info' },
    { outcome: 'inject', reason: 'default', level: 'info' },
    { outcome: 'strip', reason: 'not-allowed', level: 'warn' },
    { outcome: 'deny', reason: 'not-allowed', level: 'warn' },
    { outcome: 'deny', reason: 'malformed', level: 'warn' },
    { outcome: 'warn', reason: 'no-allowlist', level: 'warn' },
    { outcome: 'audit', reason: 'expired', level: 'warn' },
  ];
  for (const { outcome, reason, level } of cases) {
    test(`is ${level} for ${outcome}, ${reason}`, () => {
      const lines = log({ ...NOTHING_TO_DO, outcome, reason }, 'debug');
      assert.deepEqual(
        lines.map((line) => [line.level, line.decision, line.reason, line.msg]),
        [[level, outcome, reason, 'decided']],
      );
      const higher = LOG_LEVELS[LOG_LEVELS.indexOf(level) - 1] ?? 'fatal';
      assert.deepEqual(log({ ...NOTHING_TO_DO, outcome, reason }, higher), []);
    });
  }
});

test('a line has the names, the role and the allowlists, and nothing else of the pod', () => {
  const decision: Decision = {
    ...NOTHING_TO_DO,
    outcome: 'allow',
    reason: 'allowed',
    pod: POD,
    role: 'reader\u0007',
    allowlists: ['incident', 'payments'],
    breakGlass: { allowlist: 'incident', expiresAt: '2026-12-01T18:00:00Z', reason: 'incident 4711' },
  };
  const [{ time, ...line } = { time: '' }, ...others] = log(decision, 'info', 0.123_456);
  assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  assert.deepEqual(others, []);
  assert.deepEqual(line, {
    level: 'info',
    path: '/mutate-pods',
    uid: 'uid-1',
    namespace: 'payments',
    generateName: 'api-',
    serviceAccount: 'default',
    role: 'reader\uFFFD',
    decision: 'allow',
    reason: 'allowed',
    allowlist: 'incident,payments',
    breakGlass: { allowlist: 'incident', expiresAt: '2026-12-01T18:00:00Z', reason: 'incident 4711' },
    durationMs: 0.123,
    msg: 'decided',
  });
});

function log(decision: Decision, level: LogLevel, durationMs = 1): readonly Record<string, unknown>[] {
  const lines: string[] = [];
  const logger = createLoggerTo({ write: (line) => lines.push(line) }, level);
  logDecision(logger, '/mutate-pods', REVIEW, decision, durationMs);
  return lines.map((line) => JSON.parse(line));
}

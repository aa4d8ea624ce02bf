import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ApiClient, ApiError } from '../../../../src/kubernetes/client.ts';
import { createLoggerTo } from '../../../../src/observability/logger.ts';
import { startCrdCheck } from '../../../../src/sources/cluster/crd-check.ts';
import { until } from '../../../support/until.ts';

test("the note on a CRD that cannot be read has none of the API server's text, which the log has", async (t) => {
  const client: ApiClient = {
    call: () => Promise.reject(new ApiError(403, 'User "webhook" cannot get it')),
    open: () => assert.fail(),
  };
  const log: string[] = [];
  const logger = createLoggerTo({ write: (line) => log.push(line) }, 'info');
  const check = startCrdCheck(client, () => assert.fail(), logger);
  t.after(check.close);
  await until('a note', () => check.notes().length === 1);
  assert.deepEqual(check.notes(), [
    'the CustomResourceDefinition of RamRoleAllowlist cannot be read; see the log',
  ]);
  assert.deepEqual(
    log.map((line) => JSON.parse(line).problem),
    ['User "webhook" cannot get it'],
  );
});

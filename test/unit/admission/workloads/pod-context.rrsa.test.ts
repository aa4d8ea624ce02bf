import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { findRrsa } from '../../../../src/admission/workloads/pod-context.ts';

const tokenFor = (audience: string) => ({
  name: 'token',
  projected: { sources: [{ configMap: {} }, { serviceAccountToken: { audience, path: 'token' } }] },
});

suite('findRrsa', () => {
  const cases = [
    {
      name: 'the variables of the RRSA webhook',
      spec: {
        containers: [{ env: [{ name: 'A' }] }, { env: [{ name: 'ALIBABA_CLOUD_ROLE_ARN', value: 'x' }] }],
      },
      found: 'environment variable ALIBABA_CLOUD_ROLE_ARN',
    },
    {
      name: 'them in an init container',
      spec: { initContainers: [{ env: [{ name: 'ALIBABA_CLOUD_OIDC_TOKEN_FILE' }] }] },
      found: 'environment variable ALIBABA_CLOUD_OIDC_TOKEN_FILE',
    },
    {
      name: 'the provider alone',
      spec: { containers: [{ env: [{ name: 'ALIBABA_CLOUD_OIDC_PROVIDER_ARN' }] }] },
      found: 'environment variable ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
    },
    {
      name: 'a token for STS',
      spec: { volumes: [{ name: 'v', emptyDir: {} }, tokenFor('sts.aliyuncs.com')] },
      found: 'a token volume for sts.aliyuncs.com',
    },
    {
      name: 'the label',
      labels: { 'pod-identity.alibabacloud.com/injection': 'on' },
      found: 'label pod-identity.alibabacloud.com/injection',
    },
    { name: 'nothing in a token for another', spec: { volumes: [tokenFor('vault')] }, found: undefined },
    {
      name: 'nothing in the label with another value',
      labels: { 'pod-identity.alibabacloud.com/injection': 'off' },
      found: undefined,
    },
    {
      name: 'nothing in access keys',
      spec: { containers: [{ env: [{ name: 'ALIBABA_CLOUD_ACCESS_KEY_ID' }] }] },
      found: undefined,
    },
    {
      name: 'nothing in what is odd',
      spec: {
        containers: [null, { env: 'x' }, { env: [null] }],
        volumes: [7, { projected: { sources: {} } }],
      },
      found: undefined,
    },
  ];

  for (const { name, labels = {}, spec = {}, found } of cases) {
    test(`finds ${name}`, () => {
      assert.equal(findRrsa(labels, spec), found);
    });
  }
});

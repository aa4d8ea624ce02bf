import { asObject, type JsonObject } from '../../policy/json-object.ts';
import { asArray, asString, own } from '../json.ts';

/** What the RRSA webhook sets, and what Alibaba Cloud's SDKs read. */
const VARIABLES = [
  'ALIBABA_CLOUD_ROLE_ARN',
  'ALIBABA_CLOUD_OIDC_PROVIDER_ARN',
  'ALIBABA_CLOUD_OIDC_TOKEN_FILE',
];
const TOKEN_AUDIENCE = 'sts.aliyuncs.com';
const INJECTION_LABEL = 'pod-identity.alibabacloud.com/injection';

/**
 * Finds what shows that a pod gets a role by RRSA (RAM Roles for Service Accounts), in words; undefined where nothing
 * does. What its ServiceAccount and its namespace add is not seen here.
 */
export function findRrsa(labels: JsonObject, spec: JsonObject): string | undefined {
  const variable = [...asArray(spec['containers']), ...asArray(spec['initContainers'])]
    .flatMap((container) => asArray(asObject(container)['env']))
    .map((entry) => asString(asObject(entry)['name']))
    .find((name) => VARIABLES.includes(name));
  if (variable !== undefined) {
    return `environment variable ${variable}`;
  }
  if (own(labels, INJECTION_LABEL) === 'on') {
    return `label ${INJECTION_LABEL}`;
  }
  return asArray(spec['volumes']).some(holdsToken) ? `a token volume for ${TOKEN_AUDIENCE}` : undefined;
}

function holdsToken(volume: unknown): boolean {
  return asArray(asObject(asObject(volume)['projected'])['sources']).some(
    (source) => asObject(asObject(source)['serviceAccountToken'])['audience'] === TOKEN_AUDIENCE,
  );
}

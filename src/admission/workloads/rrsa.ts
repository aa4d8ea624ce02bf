import { asArray, asObject, asString, type JsonObject, own } from '../../json/json.ts';

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
  const variable = findVariable(spec['containers']) ?? findVariable(spec['initContainers']);
  if (variable !== undefined) {
    return `environment variable ${variable}`;
  }
  if (own(labels, INJECTION_LABEL) === 'on') {
    return `label ${INJECTION_LABEL}`;
  }
  return asArray(spec['volumes']).some(holdsToken) ? `a token volume for ${TOKEN_AUDIENCE}` : undefined;
}

function findVariable(containers: unknown): string | undefined {
  for (const container of asArray(containers)) {
    const variable = asArray(asObject(container)['env']).find(isVariable);
    if (variable !== undefined) {
      return asString(asObject(variable)['name']);
    }
  }
  return undefined;
}

function isVariable(entry: unknown): boolean {
  return VARIABLES.includes(asString(asObject(entry)['name']));
}

function holdsToken(volume: unknown): boolean {
  return asArray(asObject(asObject(volume)['projected'])['sources']).some(
    (source) => asObject(asObject(source)['serviceAccountToken'])['audience'] === TOKEN_AUDIENCE,
  );
}

import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import jsonpatch from 'jsonpatch';
import { stringify } from 'yaml';
import { ROLE_ANNOTATION } from '../admission/role-annotation.ts';
import { errorMessage } from '../text/printable.ts';
import { showPath } from './terminal.ts';

const PATH = '/mutate-pods';

export type DemoOptions = Readonly<{
  target: Target;
  /** The host name in URLs, for which the certificate is valid. */
  host: string;
  /** The allowlists in force, for a person. */
  allowlists: string;
  reviewsDirectory: string;
  caFile: string;
  /** Prints a line. */
  print: (line: string) => void;
}>;

/** Sends the example reviews to the running webhook; prints each review, its answer and commands to try next. */
export async function runDemo({
  target,
  host,
  allowlists,
  reviewsDirectory,
  caFile,
  print,
}: DemoOptions): Promise<void> {
  const url = `https://${host}:${target.port}`;
  print(`The webhook listens on ${url}; its allowlists are ${allowlists}.\n`);

  const files = readdirSync(reviewsDirectory)
    .filter((name) => name.endsWith('.json'))
    .sort();
  for (const file of files) {
    const body = readFileSync(join(reviewsDirectory, file), 'utf8');
    print(`${file}: ${describeReview(body)}`);
    for (const line of await sendAndDescribe(target, body)) {
      print(`  ${line}`);
    }
    print('');
  }

  const example = showPath(join(reviewsDirectory, files.at(-1) ?? ''));
  print('Ask it yourself, from this directory in another terminal:');
  print(
    `  curl --cacert ${showPath(caFile)} -H 'content-type: application/json' --data @${example} ${url}${PATH}`,
  );
  print(`Change ${allowlists}: within 5 seconds the log reports the reload.`);
  print('Stop with Ctrl-C.');
}

async function sendAndDescribe(target: Target, body: string): Promise<readonly string[]> {
  try {
    return describeAnswer(body, await sendReview(target, PATH, body));
  } catch (error) {
    return [`not answered: ${errorMessage(error)}`];
  }
}

/** The address of the webhook, and the PEM certificates that verify its own. */
type Target = Readonly<{ address: string; port: number; caPem: string }>;

/**
 * Sends a body to the webhook as the API server would: POST over verified TLS.
 *
 * @throws if the webhook cannot be reached or its certificate cannot be verified
 */
function sendReview({ address, port, caPem }: Target, path: string, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = request(
      {
        host: address,
        port,
        path,
        method: 'POST',
        ca: caPem,
        servername: 'localhost',
        agent: false,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      },
      (response) => {
        response.setEncoding('utf8');
        let answer = '';
        response.on('data', (chunk: string) => {
          answer += chunk;
        });
        response.on('end', () => resolve(answer));
        response.on('error', reject);
      },
    );
    call.on('error', reject);
    call.end(body);
  });
}

type Review = Readonly<{
  request: Readonly<{
    namespace: string;
    object: Readonly<{ metadata: Readonly<{ annotations?: Readonly<Record<string, string>> }> }>;
  }>;
}>;

type Answer = Readonly<{
  response?: Readonly<{
    allowed: boolean;
    status?: Readonly<{ code: number; message: string }>;
    patch?: string;
    warnings?: readonly string[];
    auditAnnotations?: Readonly<{ stripped?: string; injected?: string }>;
  }>;
}>;

/** Describes the pod of a review in a sentence. */
function describeReview(body: string): string {
  const { request }: Review = JSON.parse(body);
  const role = request.object.metadata.annotations?.[ROLE_ANNOTATION];
  const names = role === undefined ? 'names no role' : `names the role ${role}`;
  return `a pod in namespace ${request.namespace} ${names}`;
}

/** Describes the answer to a review in lines: the outcome, the warnings and, if the pod is patched, its annotations. */
function describeAnswer(body: string, answerBody: string): readonly string[] {
  const { request }: Review = JSON.parse(body);
  const { response }: Answer = JSON.parse(answerBody);
  if (response === undefined) {
    return [`no decision: ${answerBody}`];
  }

  const warnings = (response.warnings ?? []).map((warning) => `warning: ${warning}`);
  if (!response.allowed) {
    return [`denied (${response.status?.code}): ${response.status?.message}`, ...warnings];
  }
  if (response.patch === undefined) {
    return ['allowed', ...warnings];
  }

  const { stripped, injected } = response.auditAnnotations ?? {};
  const outcome = [
    'allowed',
    stripped === undefined ? '' : `, ${stripped} removed`,
    injected === undefined ? '' : `, ${injected} injected`,
  ].join('');
  const operations = JSON.parse(Buffer.from(response.patch, 'base64').toString());
  const { metadata }: Review['request']['object'] = jsonpatch.apply_patch(request.object, operations);
  const patched = stringify({ metadata: { annotations: metadata.annotations } })
    .trimEnd()
    .split('\n');
  return [outcome, ...warnings, ...patched.map((line) => `  ${line}`)];
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { errorMessage } from '../text/printable.ts';
import { describeAnswer, describeReview } from './describe-answer.ts';
import { sendReview, type Target } from './send-review.ts';

const PATH = '/mutate-pods';

export type DemoOptions = Readonly<{
  target: Target;
  /** The host name in URLs, for which the certificate is valid. */
  host: string;
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
  print(`The webhook listens on ${url}; its allowlists are ${shown(allowlists)}.\n`);

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

  const example = shown(join(reviewsDirectory, files.at(-1) ?? ''));
  print('Ask it yourself, from this directory in another terminal:');
  print(
    `  curl --cacert ${shown(caFile)} -H 'content-type: application/json' --data @${example} ${url}${PATH}`,
  );
  print(`Change ${shown(allowlists)}: within 5 seconds the log reports the reload.`);
  print('Stop with Ctrl-C.');
}

async function sendAndDescribe(target: Target, body: string): Promise<readonly string[]> {
  try {
    return describeAnswer(body, await sendReview(target, PATH, body));
  } catch (error) {
    return [`not answered: ${errorMessage(error)}`];
  }
}

function shown(path: string): string {
  return relative('', path);
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '../text/printable.ts';
import { describeAnswer, describeReview } from './describe-answer.ts';
import { sendReview, type Target } from './send-review.ts';
import { showPath } from './show-path.ts';

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

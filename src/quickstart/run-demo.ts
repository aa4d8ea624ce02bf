import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { errorMessage } from '../text/printable.ts';
import { describeAnswer, describeQuestion } from './describe-answer.ts';
import { ask, type Target } from './send-review.ts';

export type NarrationOptions = Readonly<{
  target: Target;
  /** The name in URLs: one that the certificate is good for. */
  host: string;
  allowlists: string;
  reviewsDirectory: string;
  caFile: string;
  say: (text: string) => void;
}>;

/** Has the running webhook decide the example reviews, and tells what was asked, what was answered, and what to try next. */
export async function narrate({
  target,
  host,
  allowlists,
  reviewsDirectory,
  caFile,
  say,
}: NarrationOptions): Promise<void> {
  const url = `https://${host}:${target.port}`;
  say(`The webhook listens on ${url}; its allowlists are ${shown(allowlists)}.\n`);

  const files = readdirSync(reviewsDirectory)
    .filter((name) => name.endsWith('.json'))
    .sort();
  for (const file of files) {
    const body = readFileSync(join(reviewsDirectory, file), 'utf8');
    say(`${file}: ${describeQuestion(body)}`);
    for (const line of await askAndDescribe(target, body)) {
      say(`  ${line}`);
    }
    say('');
  }

  const example = shown(join(reviewsDirectory, files.at(-1) ?? ''));
  say('Ask it yourself, from this directory in another terminal:');
  say(
    `  curl --cacert ${shown(caFile)} -H 'content-type: application/json' --data @${example} ${url}/mutate`,
  );
  say(`Change ${shown(allowlists)}: within 5 seconds a line of the log says what was reloaded.`);
  say('Stop with Ctrl-C.');
}

async function askAndDescribe(target: Target, body: string): Promise<readonly string[]> {
  try {
    return describeAnswer(body, await ask(target, '/mutate-pods', body));
  } catch (error) {
    return [`not answered: ${errorMessage(error)}`];
  }
}

function shown(path: string): string {
  return relative('', path);
}

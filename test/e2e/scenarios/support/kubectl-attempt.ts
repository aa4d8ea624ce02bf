import type { CommandResult } from '../../harness/run-command.ts';
import { formatList } from '../../harness/start-cluster.ts';
import type { WebhookCluster } from './webhook-cluster.ts';

/** What a developer sees of a command; a refusal is a result. */
export type Attempt = Readonly<{
  succeeded: boolean;
  /** Standard output, trimmed. */
  printed: string;
  /** Standard error without its warnings, trimmed. */
  error: string;
  warnings: readonly string[];
}>;

const WARNING = 'Warning: ';

/** Runs kubectl, with objects as its standard input where some are given. */
export async function attempt(
  { controlPlane }: Pick<WebhookCluster, 'controlPlane'>,
  args: readonly string[],
  objects: readonly object[] = [],
): Promise<Attempt> {
  const [only, ...others] = objects;
  const input = others.length === 0 ? JSON.stringify(only ?? '') : formatList(objects);
  return toAttempt(await controlPlane.kubectl(args, { input }));
}

/** `kubectl apply`, as attempt. */
export function attemptApply(
  cluster: Pick<WebhookCluster, 'controlPlane'>,
  ...objects: readonly object[]
): Promise<Attempt> {
  return attempt(cluster, ['apply', '-f', '-'], objects);
}

function toAttempt({ code, stdout, stderr }: CommandResult): Attempt {
  const lines = stderr.trim().split('\n');
  const isWarning = (line: string) => line.startsWith(WARNING);
  return {
    succeeded: code === 0,
    printed: stdout.trim(),
    error: lines.filter((line) => !isWarning(line)).join('\n'),
    warnings: lines.filter(isWarning).map((line) => line.slice(WARNING.length)),
  };
}

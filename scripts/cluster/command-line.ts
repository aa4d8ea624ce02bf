import { resolve } from 'node:path';
import { Command } from 'commander';

export type ClusterOptions = Readonly<{
  /** Whether the chart is installed. */
  install: boolean;
  /** Absolute paths of files of chart values; a later one counts before an earlier one. */
  values: readonly string[];
}>;

/** The options of `npm run cluster`; prints what is wrong with them, or the help, and ends the process. */
export function parseCommandLine(argv: readonly string[]): ClusterOptions {
  const command = new Command('npm run cluster --')
    .description('Starts a Kubernetes control plane with the chart of this checkout, until Ctrl-C.')
    .option('--values <file>', 'values of the chart; may be given several times', collect, [])
    .option('--no-install', 'start the cluster alone, and leave helm install to you')
    .helpOption('-h, --help', 'print this help');
  return command.parse(argv, { from: 'user' }).opts<ClusterOptions>();
}

function collect(file: string, before: readonly string[]): readonly string[] {
  return [...before, resolve(file)];
}

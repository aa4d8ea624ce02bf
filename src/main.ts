import process from 'node:process';
import { type Config, parseConfig } from './config/config.ts';
import { createLogger } from './observability/logger.ts';
import { exitWithUsableMessage, run } from './run.ts';
import { runExport } from './run-export.ts';

const [first, ...others] = process.argv.slice(2);
if (first === 'export') {
  orExit(() => runExport(others));
} else {
  const config: Config = orExit(() => parseConfig(process.argv.slice(2), process.env));
  run(config, createLogger(config.logLevel));
}

function orExit<Result>(start: () => Result): Result {
  try {
    return start();
  } catch (error) {
    exitWithUsableMessage(error);
  }
}

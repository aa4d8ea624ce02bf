import process from 'node:process';
import { type Config, parseConfig } from './config/config.ts';
import { runExport } from './export-command.ts';
import { createLogger } from './observability/logger.ts';
import { exitWithUsableMessage, run } from './run.ts';

const [first, ...others] = process.argv.slice(2);
if (first === 'export') {
  runExport(others).catch(exitWithUsableMessage);
} else {
  const config = parseConfigOrExit();
  run(config, createLogger(config.logLevel));
}

function parseConfigOrExit(): Config {
  try {
    return parseConfig(process.argv.slice(2));
  } catch (error) {
    exitWithUsableMessage(error);
  }
}

import process from 'node:process';
import { type Config, parseConfig } from './config/config.ts';
import { createLogger } from './observability/logger.ts';
import { exitWithUsableMessage, run } from './run.ts';

const config = readConfig();
run(config, createLogger(config.logLevel));

function readConfig(): Config {
  try {
    return parseConfig(process.argv.slice(2), process.env);
  } catch (error) {
    exitWithUsableMessage(error);
  }
}

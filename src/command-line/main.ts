// Starts the command line from a checkout. The bundle starts it by its own entry.
import process from 'node:process';
import { runCommandLine } from './run.ts';

await runCommandLine('eci-ram-role', process.argv.slice(2));

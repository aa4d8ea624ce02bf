import { checkCommand } from './check/command.ts';
import type { Command } from './command.ts';
import { completionCommand } from './completion/command.ts';
import { diffCommand } from './diff/command.ts';
import { explainCommand } from './explain/command.ts';
import { exportCommand } from './export.ts';
import { reviewCommand } from './review.ts';
import { testCommand } from './test/command.ts';
import { whoCanCommand } from './who-can.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  checkCommand,
  testCommand,
  explainCommand,
  whoCanCommand,
  diffCommand,
  reviewCommand,
  exportCommand,
  completionCommand,
];

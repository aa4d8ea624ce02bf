import { checkCommand } from './check/command.ts';
import type { Command } from './command.ts';
import { exportCommand } from './export.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [checkCommand, exportCommand];

import { homedir } from 'node:os';
import { relative, resolve } from 'node:path';
import type { WriteStream } from 'node:tty';
import { prettyFactory } from 'pino-pretty';
import { createLoggerTo, type FlushableLogger, type LogLevel } from '../observability/logger.ts';

/** The log lines that repeat the narration of the quickstart. */
const NARRATED = ['ready', 'decided'];

/** A logger for a person. Until `narrated` is called it holds its lines back, so that none stands in the narration. */
export type TerminalLogger = FlushableLogger & Readonly<{ narrated: () => void }>;

/** Logs readable lines to a terminal, in colors if it shows colors and the user wants them (`NO_COLOR`, `TERM`). */
export function createTerminalLogger(terminal: WriteStream, level: LogLevel): TerminalLogger {
  const format = prettyFactory({ colorize: terminal.hasColors(), singleLine: true });
  // Without a listener, a terminal that was closed would end the process before its files are removed.
  terminal.on('error', () => undefined);

  let held: string[] | undefined = [];
  const narrated = () => {
    const lines = held ?? [];
    held = undefined;
    for (const line of lines) {
      terminal.write(format(line));
    }
  };
  const write = (line: string) => {
    if (held === undefined) {
      terminal.write(format(line));
    } else if (!NARRATED.includes(JSON.parse(line).msg)) {
      held.push(line);
    }
  };
  return { logger: createLoggerTo({ write }, level), flush: narrated, narrated };
}

/** A path as a person types it in a shell here: below the current directory, else below home, else absolute. */
export function showPath(path: string): string {
  const fromHere = relative('', path);
  if (!fromHere.startsWith('..')) {
    return inShell(fromHere);
  }
  const fromHome = relative(homedir(), path);
  return fromHome.startsWith('..') ? inShell(resolve(path)) : `~/${inShell(fromHome)}`;
}

function inShell(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

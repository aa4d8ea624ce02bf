import { Command as CommandParser } from 'commander';
import type * as z from 'zod';
import { parseOptions } from '../config/parse.ts';
import type { Output } from './output.ts';

/** The exit codes of every command: nothing is wrong, something is denied or differs, the input cannot be used. */
export const ExitCode = { clean: 0, found: 1, unusable: 2 } as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

/** A command as the user types it, after the name of the program, and its purpose. */
export type Example = Readonly<{ purpose: string; command: string }>;

/** A value that is given without a flag. */
export type Argument = Readonly<{
  /** In capitals, as the help shows it. */
  name: string;
  description: string;
  isOptional?: boolean;
  /** The values that it can have, if they are few. */
  choices?: readonly string[];
}>;

/** How a command was started, and where it writes. */
export type Invocation = Readonly<{
  /** The name by which the user started the program. */
  program: string;
  output: Output;
  /** Milliseconds since the epoch. */
  now: number;
}>;

/** A command of the command line. */
export type Command = Readonly<{
  name: string;
  /** One line in the list of commands. */
  summary: string;
  arguments: readonly Argument[];
  options: z.ZodObject;
  examples: readonly Example[];
  /** The schema of its output in JSON; undefined if the output is not its own format. */
  result: z.ZodType | undefined;
  /**
   * Parses its command line and runs. `--help` prints and ends the process.
   *
   * @throws {UsableError} if the command line or the input cannot be used
   */
  run: (argv: readonly string[], invocation: Invocation) => Promise<ExitCode>;
}>;

type Definition<Shape extends z.ZodRawShape> = Readonly<{
  name: string;
  summary: string;
  /** The first paragraph of its help. */
  description: string;
  arguments?: readonly Argument[];
  options: z.ZodObject<Shape>;
  examples: readonly Example[];
  result?: z.ZodType;
  run: (
    options: z.output<z.ZodObject<Shape>>,
    args: readonly string[],
    invocation: Invocation,
  ) => Promise<ExitCode> | ExitCode;
}>;

/** Defines a command by its options, its arguments and the function that runs it. */
export function defineCommand<Shape extends z.ZodRawShape>(definition: Definition<Shape>): Command {
  const { name, summary, description, arguments: args = [], options, examples, result, run } = definition;
  return {
    name,
    summary,
    arguments: args,
    options,
    examples,
    result,
    run: async (argv, invocation) => {
      const parser = new CommandParser(`${invocation.program} ${name}`)
        .description(description)
        .addHelpText('after', formatExamples(examples, invocation.program));
      for (const { name: argument, description: about, isOptional } of args) {
        parser.argument(isOptional ? `[${argument}]` : `<${argument}>`, about);
      }
      const parsed = parseOptions(parser, options, { argv, hasEnvironment: false });
      return run(parsed, parser.args, invocation);
    },
  };
}

/** The end of a help: examples of commands, each below its purpose. */
export function formatExamples(examples: readonly Example[], program: string): string {
  const lines = examples.map(({ purpose, command }) => `  # ${purpose}\n  ${program} ${command}`);
  return `\nExamples:\n${lines.join('\n\n')}`;
}

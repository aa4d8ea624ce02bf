import process from 'node:process';
import { type Command, CommanderError, Option } from 'commander';
import * as z from 'zod';
import { UsableError } from '../text/problem.ts';

/** A command line or environment that cannot be used; the message has one line for each problem. */
export class ConfigError extends UsableError {
  override name = 'ConfigError';
}

/** How a user sets an option, and its entry in the help. The flag is the name of its field in kebab-case. */
export type OptionInfo = Readonly<{
  /** The name of the value in the help. */
  argument: string;
  description: string;
  /** The value if the user sets none, as the user would type it. */
  default?: string;
  /** The letter of a short flag. */
  short?: string;
  /** A flag that is given again adds to its value, is a value of its own, or is a problem. Without this, the last one counts. */
  repeated?: 'add' | 'each' | 'problem';
  /** The mode that needs the option. Another mode parses null, and a value that the user sets is a problem or ignored. */
  neededWith?: Readonly<{ option: string; mode: string; otherwise: 'problem' | 'ignored' }>;
}>;

/** The info of each option, by the schema of its value. */
export const optionInfo = z.registry<OptionInfo>();

export type ParseSettings = Readonly<{
  argv: readonly string[];
  /** Whether environment variables set the options too. */
  hasEnvironment: boolean;
  /** Defaults that replace those of the options. */
  defaults?: Readonly<Partial<Record<string, string>>>;
}>;

/** An option with the values it was given. */
type GivenOption = Readonly<{
  option: Option;
  info: OptionInfo;
  /** The flag, and the environment variable if that set the value. */
  label: string;
  /** The values that the user set. */
  texts: readonly string[];
  /** The value that counts, undefined if there is none. */
  text: string | undefined;
}>;

/**
 * Parses the options of a schema from the command line, then the environment, then the defaults. `--help` and
 * `--version` print and end the process.
 *
 * @throws {ConfigError} with all problems at once
 */
export function parseOptions<Shape extends z.ZodRawShape>(
  command: Command,
  schema: z.ZodObject<Shape>,
  settings: ParseSettings,
): z.output<z.ZodObject<Shape>> {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const info = infoOf(name, field);
    return { name, info, option: createOption(name, field, info, settings) };
  });
  for (const { option } of fields) {
    command.addOption(option);
  }
  const problems = [...parseCommandLine(command, settings.argv)];

  const given = new Map(fields.map(({ name, info, option }) => [name, readOption(command, option, info)]));
  const input: Record<string, string | readonly string[] | null | undefined> = {};
  for (const [name, option] of given) {
    const otherMode = findOtherMode(option, given);
    problems.push(...findMisuse(option, otherMode));
    const value = option.info.repeated === 'each' ? option.texts : option.text;
    input[name] = otherMode === undefined ? value : null;
  }
  const result = schema.safeParse(input);
  problems.push(...(result.error?.issues ?? []).map((issue) => describeIssue(issue, given)));
  if (!result.success || problems.length > 0) {
    throw new ConfigError(problems.join('\n'));
  }
  return result.data;
}

function infoOf(name: string, field: z.core.$ZodType): OptionInfo {
  const info = optionInfo.get(field);
  if (info === undefined) {
    throw new TypeError(`option ${name} has no info`);
  }
  return info;
}

function createOption(
  name: string,
  field: z.core.$ZodType,
  { argument, description, short, neededWith, default: ownDefault }: OptionInfo,
  { hasEnvironment, defaults }: ParseSettings,
): Option {
  const flags = `${short === undefined ? '' : `-${short}, `}--${toFlag(name)} <${argument}>`;
  const needed = neededWith && `; required with --${toFlag(neededWith.option)} ${neededWith.mode}`;
  const option = new Option(flags, `${description}${needed ?? ''}`);
  if (field instanceof z.ZodEnum) {
    option.choices(field.options.map(String));
  }
  // Replaces the parser of the choices, which throws at the first problem; the schema checks them.
  option.argParser((text: string, before: unknown) => (Array.isArray(before) ? [...before, text] : [text]));
  const fallback = defaults?.[name] ?? ownDefault;
  if (fallback !== undefined) {
    option.default(fallback);
  }
  return hasEnvironment ? option.env(environmentVariable(toFlag(name))) : option;
}

/** The flag of an option, without its dashes. */
export function toFlag(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The environment variable of a flag. */
export function environmentVariable(flag: string): string {
  return `ECI_RAM_ROLE_WEBHOOK_${flag.replaceAll('-', '_').toUpperCase()}`;
}

/** Returns the problem of an argument that is not an option; the options beside it are parsed nevertheless. */
function parseCommandLine(command: Command, argv: readonly string[]): readonly string[] {
  try {
    command
      .helpOption('-h, --help', 'print this help')
      .configureOutput({ writeErr: () => undefined })
      .exitOverride()
      .parse(argv, { from: 'user' });
    return [];
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      throw error;
    }
    if (error.exitCode === 0) {
      process.exit(0);
    }
    const text = error.message.replace(/^error: |\.$/g, '').replaceAll('\n', ' ');
    const problem = `${text}; --help lists the options`;
    if (error.code === 'commander.optionMissingArgument') {
      throw new ConfigError(problem);
    }
    return [problem];
  }
}

function readOption(command: Command, option: Option, info: OptionInfo): GivenOption {
  const name = option.attributeName();
  const value: readonly string[] | string | undefined = command.getOptionValue(name);
  const origin = command.getOptionValueSource(name) === 'env' ? ` (from ${option.envVar})` : '';
  const given = { option, info, label: `${option.long}${origin}` };
  // Commander keeps a default as it is; its parser collects the values that the user sets.
  if (value === undefined || typeof value === 'string') {
    return { ...given, texts: [], text: value };
  }
  return { ...given, texts: value, text: info.repeated === 'add' ? value.join(',') : value.at(-1) };
}

/** The chosen mode, such as `--source cluster`, if the option is not needed with it. An unknown mode counts as the default. */
function findOtherMode({ info: { neededWith } }: GivenOption, given: ReadonlyMap<string, GivenOption>) {
  const selector = neededWith && given.get(neededWith.option);
  if (selector === undefined) {
    return undefined;
  }
  const { option, text = '', info } = selector;
  const mode = option.argChoices?.includes(text) ? text : info.default;
  return mode === neededWith?.mode ? undefined : `${option.long} ${mode}`;
}

function findMisuse({ info, label, texts }: GivenOption, otherMode: string | undefined): readonly string[] {
  if (info.repeated === 'problem' && texts.length > 1) {
    return [`${label}: expected one value, found ${quote(texts)}`];
  }
  return otherMode !== undefined && info.neededWith?.otherwise === 'problem' && texts.length > 0
    ? [`${label}: expected nothing with ${otherMode}, found ${quote(texts.slice(-1))}`]
    : [];
}

function describeIssue({ path, message }: z.core.$ZodIssue, given: ReadonlyMap<string, GivenOption>): string {
  const failed = given.get(String(path[0]));
  const { label, option, text } = failed ?? {};
  const variable = text === undefined && option?.envVar ? ` (or set ${option.envVar})` : '';
  return `${label}: expected ${message}${variable}, found ${text === undefined ? 'nothing' : quote([text])}`;
}

function quote(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(', ');
}

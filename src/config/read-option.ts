import { Problems } from './combine.ts';
import { environmentVariable, OPTIONS, type Option, type OptionName } from './options.ts';
import { Expected } from './values.ts';

/** Where options are looked for, as their user would type them; the first that has one counts. */
export type Given = Readonly<{
  typed: Readonly<Partial<Record<string, string>>>;
  environment: Readonly<Record<string, string | undefined>>;
  defaults: Readonly<Partial<Record<OptionName, string>>>;
}>;

/** Makes a value of a text, or tells what should have stood there. */
export type Parse<Value> = (text: string) => Value | Expected;

/** The value of an option that has a default or must be given. */
export function readOption<Value>(given: Given, name: OptionName, parse: Parse<Value>): Value | Problems {
  const { text, origin, option, variable } = find(given, name);
  const value = text === undefined ? new Expected(`a ${option.value} (or set ${variable})`) : parse(text);
  return value instanceof Expected
    ? new Problems([`--${option.flag}${origin}: expected ${value.what}, found ${found(text)}`])
    : value;
}

/** The value of an option that nobody has to give. */
export function readOptional<Value>(
  given: Given,
  name: OptionName,
  parse: Parse<Value>,
): Value | undefined | Problems {
  return find(given, name).text === undefined ? undefined : readOption(given, name, parse);
}

/** What a user gives and nothing would read is a mistake; a caller's defaults are not. */
export function refuseGiven(given: Given, names: readonly OptionName[], by: string): Problems | undefined {
  const lines = names.flatMap((name) => {
    const { userText, origin, option } = find(given, name);
    return userText === undefined
      ? []
      : `--${option.flag}${origin}: expected nothing with ${by}, found ${found(userText)}`;
  });
  return lines.length === 0 ? undefined : new Problems(lines);
}

function find({ typed, environment, defaults }: Given, name: OptionName) {
  const option: Option = OPTIONS[name];
  const variable = environmentVariable(option.flag);
  const userText = typed[name] ?? environment[variable];
  const isFromEnvironment = typed[name] === undefined && userText !== undefined;
  return {
    option,
    variable,
    userText,
    text: userText ?? defaults[name] ?? option.fallback,
    origin: isFromEnvironment ? ` (from ${variable})` : '',
  };
}

function found(text: string | undefined): string {
  return text === undefined ? 'nothing' : JSON.stringify(text);
}

import * as z from 'zod';
import { optionInfo, toFlag } from '../../config/parse.ts';
import type { Command } from '../command.ts';
import type { Output } from '../output.ts';

/** The hidden command by which a shell asks for candidates. Its answer has the form that kubectl reads from plugins. */
export const COMPLETE = '__complete';

/** Whether the shell may offer files too. */
const FILES = ':0';
const NO_FILES = ':4';

/** Prints a candidate a line, and at the end whether files are candidates too. The last word is the one to complete. */
export function printCandidates(
  given: readonly string[],
  commands: readonly Command[],
  { print }: Pick<Output, 'print'>,
): void {
  // bash splits --output=json into three words.
  const words = given.filter((word, index) => word !== '=' || index === given.length - 1);
  const [name = '', ...others] = words;
  const command = commands.find((command) => command.name === name);
  if (words.length <= 1 || command === undefined) {
    const isCommand = words.length <= 1;
    for (const { name, summary } of isCommand ? commands : []) {
      print(`${name}\t${summary}`);
    }
    print(NO_FILES);
    return;
  }
  const { candidates, takesFiles } = complete(command, others);
  for (const candidate of candidates) {
    print(candidate);
  }
  print(takesFiles ? FILES : NO_FILES);
}

type Completion = Readonly<{ candidates: readonly string[]; takesFiles: boolean }>;

function complete(command: Command, words: readonly string[]): Completion {
  const last = words.at(-1) ?? '';
  const current = last === '=' ? '' : last;
  const [flag, ...value] = current.split('=');
  const named = value.length > 0 ? flag : words.at(-2);
  const option = listOptions(command).find(({ flags }) => flags.includes(named ?? ''));
  if (option !== undefined) {
    const prefix = value.length > 0 ? `${flag}=` : '';
    return {
      candidates: option.choices.map((choice) => prefix + choice),
      takesFiles: option.choices.length === 0 && option.argument.includes('file'),
    };
  }
  if (current.startsWith('-')) {
    const flags = listOptions(command).map(({ flags, description }) => `${flags[0]}\t${description}`);
    return { candidates: [...flags, '--help\tprint the help of the command'], takesFiles: false };
  }
  const candidates = command.arguments.flatMap(({ choices = [] }) => choices);
  return { candidates, takesFiles: candidates.length === 0 && command.arguments.length > 0 };
}

type OptionWords = Readonly<{
  flags: readonly string[];
  argument: string;
  description: string;
  choices: readonly string[];
}>;

function listOptions({ options }: Command): readonly OptionWords[] {
  return Object.entries(options.shape).map(([name, field]) => {
    const { short, argument = '', description = '' } = optionInfo.get(field) ?? {};
    return {
      flags: [`--${toFlag(name)}`, ...(short === undefined ? [] : [`-${short}`])],
      argument,
      description,
      choices: field instanceof z.ZodEnum ? field.options.map(String) : [],
    };
  });
}

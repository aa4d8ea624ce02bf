/** A command as a document shows it, and the lines that it shows below. */
export type ConsoleCommand = Readonly<{
  /** The title of the section that it stands in; empty above the first. */
  section: string;
  command: string;
  output: readonly string[];
}>;

const HEADING_OR_BLOCK = /^#+ ([^\n]*)$|^```console\n(.*?)^```$/gms;

/** The commands of a Markdown document's `console` blocks, in their order: `$ command`, then what it prints. */
export function parseConsoleCommands(markdown: string): readonly ConsoleCommand[] {
  const commands: ConsoleCommand[] = [];
  let section = '';
  for (const [, heading, block] of markdown.matchAll(HEADING_OR_BLOCK)) {
    section = heading ?? section;
    commands.push(...parseBlock(block ?? '').map((command) => ({ section, ...command })));
  }
  return commands;
}

/** The document with other outputs: one for each command in their order, undefined to leave what is shown. */
export function replaceOutputs(markdown: string, outputs: readonly (string | undefined)[]): string {
  let index = 0;
  return markdown.replace(HEADING_OR_BLOCK, (whole, _heading: string, block: string | undefined) => {
    if (block === undefined) {
      return whole;
    }
    const texts = parseBlock(block).map(({ command, output }) => {
      const lines = outputs[index++]?.trimEnd().split('\n') ?? output;
      return [`$ ${command}`, ...lines].map((line) => `${line}\n`).join('');
    });
    return `\`\`\`console\n${texts.join('')}\`\`\``;
  });
}

function parseBlock(block: string): readonly Omit<ConsoleCommand, 'section'>[] {
  return block.trimEnd().split(/^\$ /m).slice(1).map(parseCommand);
}

function parseCommand(text: string): Omit<ConsoleCommand, 'section'> {
  const lines = text.trimEnd().split('\n');
  // A command goes on in the next line as long as its line ends in a backslash.
  const last = lines.findIndex((line) => !line.endsWith('\\'));
  return { command: lines.slice(0, last + 1).join('\n'), output: lines.slice(last + 1) };
}

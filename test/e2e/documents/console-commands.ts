/** A command as a document shows it, and the lines that it shows below. */
export type ConsoleCommand = Readonly<{
  /** The title of the section that it stands in; empty above the first. */
  section: string;
  /** What its reader has saved since the command before. */
  files: readonly DocumentFile[];
  command: string;
  output: readonly string[];
}>;

/** A `yaml` block that begins with its name in a comment. */
export type DocumentFile = Readonly<{ path: string; content: string }>;

type Shown = Pick<ConsoleCommand, 'command' | 'output'>;

const HEADING_OR_BLOCK =
  /^```yaml\n(?<content># (?<path>\S+\.yaml)\n.*?)^```$|^#+ (?<heading>[^\n]*)$|^```console\n(?<block>.*?)^```$/gms;

const CONSOLE_BLOCK = /^```console\n(.*?)^```$/gms;

/** The commands of a Markdown document's `console` blocks, in their order: `$ command`, then what it prints. */
export function parseConsoleCommands(markdown: string): readonly ConsoleCommand[] {
  const commands: ConsoleCommand[] = [];
  let section = '';
  let files: readonly DocumentFile[] = [];
  for (const { groups = {} } of markdown.matchAll(HEADING_OR_BLOCK)) {
    const { heading, block = '', path, content = '' } = groups;
    section = heading ?? section;
    if (path !== undefined) {
      files = [...files, { path, content }];
    }
    for (const shown of parseBlock(block)) {
      commands.push({ section, files, ...shown });
      files = [];
    }
  }
  return commands;
}

/** The document with other outputs: one for each command in their order, undefined to leave what is shown. */
export function replaceOutputs(markdown: string, outputs: readonly (string | undefined)[]): string {
  let index = 0;
  return markdown.replace(CONSOLE_BLOCK, (_whole, block: string) => {
    const texts = parseBlock(block).map(({ command, output }) => {
      const lines = outputs[index++]?.trimEnd().split('\n') ?? output;
      return [`$ ${command}`, ...lines].map((line) => `${line}\n`).join('');
    });
    return `\`\`\`console\n${texts.join('')}\`\`\``;
  });
}

function parseBlock(block: string): readonly Shown[] {
  return block.trimEnd().split(/^\$ /m).slice(1).map(parseCommand);
}

function parseCommand(text: string): Shown {
  const lines = text.trimEnd().split('\n');
  // A command goes on in the next line as long as its line ends in a backslash.
  const last = lines.findIndex((line) => !line.endsWith('\\'));
  return { command: lines.slice(0, last + 1).join('\n'), output: lines.slice(last + 1) };
}

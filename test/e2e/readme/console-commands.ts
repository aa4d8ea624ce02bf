/** A command as a document shows it, and the lines that it shows below. */
export type ConsoleCommand = Readonly<{ command: string; output: readonly string[] }>;

/** The commands of a Markdown document's `console` blocks, in their order: `$ command`, then what it prints. */
export function parseConsoleCommands(markdown: string): readonly ConsoleCommand[] {
  return [...markdown.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = '']) =>
    block.trimEnd().split(/^\$ /m).slice(1).map(parseCommand),
  );
}

function parseCommand(text: string): ConsoleCommand {
  const lines = text.trimEnd().split('\n');
  // A command goes on in the next line as long as its line ends in a backslash.
  const last = lines.findIndex((line) => !line.endsWith('\\'));
  return { command: lines.slice(0, last + 1).join('\n'), output: lines.slice(last + 1) };
}

import { type ConsoleCommand, parseConsoleCommands } from './console-commands.ts';

/** A command, and the files that its reader has saved since the one before. */
export type DocumentStep = ConsoleCommand & Readonly<{ files: readonly DocumentFile[] }>;

export type DocumentFile = Readonly<{ path: string; content: string }>;

/** The steps of a Markdown document: its `console` blocks, and those of `yaml` that begin with the name of a file. */
export function parseDocumentSteps(markdown: string): readonly DocumentStep[] {
  const steps: DocumentStep[] = [];
  let files: DocumentFile[] = [];
  for (const [block, language, content = ''] of markdown.matchAll(/^```(console|yaml)\n(.*?)^```$/gms)) {
    const path = /^# (\S+\.yaml)$/m.exec(content)?.[1];
    if (language === 'yaml' && path !== undefined) {
      files.push({ path, content });
    } else if (language === 'console') {
      for (const command of parseConsoleCommands(block)) {
        steps.push({ ...command, files });
        files = [];
      }
    }
  }
  return steps;
}

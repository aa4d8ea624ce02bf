/** What an error of the file system or of a parser says, on one line. */
export function errorMessage(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
}

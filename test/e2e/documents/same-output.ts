/** A shown line that stands for any number of printed ones. */
const ELLIPSIS = '…';

/** Whether a printed text is what a document shows, apart from generated names, dates, ages, addresses and the width of columns. */
export function isSameOutput(shown: readonly string[], printed: string): boolean {
  if (shown.length === 0) {
    return printed.trim() === '';
  }
  const lines = printed.trimEnd().split('\n').map(normalize);
  const pattern = shown.map((line) =>
    line === ELLIPSIS ? '(.*\n)*' : `${RegExp.escape(normalize(line))}\n`,
  );
  return new RegExp(`^${pattern.join('')}$`).test(`${lines.join('\n')}\n`);
}

function normalize(line: string): string {
  return line
    .replace(/-[a-z0-9]{8,10}-[a-z0-9]{5}\b/g, '-POD')
    .replace(/-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '-HASH')
    .replace(/\b\d+(?:d|h|min|m|s)(?: ?\d+(?:h|min|m|s))?\b/g, 'AGE')
    .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'INSTANT')
    .replace(/\b\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\b/, 'DATE')
    .replace(/\b\d+\.\d+\.\d+\.\d+:\d+\b/g, 'ADDRESS')
    .replace(/\s+/g, ' ')
    .trimEnd();
}

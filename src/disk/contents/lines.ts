// Settings files of a guest, line by line. Callers have bounded the text.

/** Lines that are not empty, trimmed and without comments, which begin with `#`. */
export function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Words of a line. */
export function wordsOf(line: string): readonly string[] {
  return line
    .replaceAll('\t', ' ')
    .split(' ')
    .filter((word) => word !== '');
}

/** A text as a value in the report: cut to `most` characters; null if it is empty. */
export function valueOf(text: string | undefined, most = 200): string | null {
  if (text === undefined || text === '') return null;
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

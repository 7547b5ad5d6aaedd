// Texts of settings within a guest, line by line. Whoever reads one has bounded it.

/** Lines that say something, without blanks around them; `#` begins a comment. */
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

/** A text as a value of the report: at most so many characters, null if nothing is in it. */
export function valueOf(text: string | undefined, most = 200): string | null {
  if (text === undefined || text === '') return null;
  return text.length <= most ? text : text.slice(0, most).replace(/[\uD800-\uDBFF]$/, '');
}

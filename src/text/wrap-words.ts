// Breaks text between words. A word longer than a line, such as a path or a URL, stays whole, so that it can be copied.
// Imports nothing.

/**
 * Lines of at most `width` cells, as far as words allow.
 * @param text one line
 * @param prefix put before every line
 * @param width cells of a line, prefix included
 * @param measure cells of a text. Absent: one for each code unit
 */
export function wrapWords(
  text: string,
  prefix: string,
  width: number,
  measure: (text: string) => number = ({ length }) => length,
): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && prefix.length + measure(longer) > width) {
      lines.push(prefix + line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, prefix + line].join('\n');
}

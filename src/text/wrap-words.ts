// Text broken between words. A word longer than a line, such as a path or a URL, stays whole: it is there to be copied.
// Imports nothing.

/**
 * Lines of at most so many cells, where words allow.
 * @param text one line
 * @param prefix before every line
 * @param width cells of a line, with the prefix
 */
export function wrapWords(text: string, prefix: string, width: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && prefix.length + longer.length > width) {
      lines.push(prefix + line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, prefix + line].join('\n');
}

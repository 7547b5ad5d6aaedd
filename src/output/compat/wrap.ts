// Text wrapped as Python's `textwrap` does: it counts code points and breaks after hyphens within words.

// Python's \w knows no combining marks; its letters are \w without decimal digits.
const word = String.raw`[\p{L}\p{N}_]`;
const letter = String.raw`[\p{L}\p{Nl}\p{No}_]`;
const punctuated = String.raw`[\p{L}\p{N}_!"'&.,?]`;

/** Blanks; a dash between words; a word up to its end, a hyphen within it, or a dash after it. */
const separator = new RegExp(
  `( +|(?<=${punctuated})-{2,}(?=${word})|[^ ]+?(?:-(?:(?<=${letter}{2}-)|(?<=${letter}-${punctuated}-))` +
    `(?=${letter}-?${letter})|(?= |$)|(?<=${punctuated})(?=-{2,}${word})))`,
  'u',
);

/**
 * The lines of one line of text.
 * @param width code points that fit, ≥ 1
 */
export function wrapText(text: string, width: number): string[] {
  const chunks = text
    .replace(/[\t\v\f\r\n]/g, ' ')
    .split(separator)
    .filter((chunk) => chunk !== '')
    .map((chunk) => Array.from(chunk));
  const lines: string[] = [];
  for (let next = 0; next < chunks.length;) {
    if (lines.length > 0 && isBlank(chunks[next])) next++;
    const line: string[][] = [];
    let used = 0;
    for (; next < chunks.length; next++) {
      const chunk = chunks[next] ?? [];
      if (used + chunk.length > width) break;
      line.push(chunk);
      used += chunk.length;
    }
    const long = chunks[next];
    if (long !== undefined && long.length > width) {
      const end = breakAt(long, width - used);
      line.push(long.slice(0, end));
      chunks[next] = long.slice(end);
    }
    if (isBlank(line.at(-1))) line.pop();
    if (line.length > 0) lines.push(line.flat().join(''));
  }
  return lines;
}

function isBlank(chunk: readonly string[] | undefined): boolean {
  return chunk !== undefined && chunk.join('').trim() === '';
}

/** Where to cut a chunk that fits on no line: after its last hyphen that fits, unless there are only hyphens before. */
function breakAt(chunk: readonly string[], room: number): number {
  const hyphen = chunk.slice(0, room).lastIndexOf('-');
  return hyphen > 0 && chunk.slice(0, hyphen).some((character) => character !== '-') ? hyphen + 1 : room;
}

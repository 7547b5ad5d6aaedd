// Wraps text like Python's `textwrap`, which counts code points and breaks after hyphens within words.

// Python's \w excludes combining marks; its letters are \w without decimal digits.
const word = String.raw`[\p{L}\p{N}_]`;
const letter = String.raw`[\p{L}\p{Nl}\p{No}_]`;
const punctuated = String.raw`[\p{L}\p{N}_!"'&.,?]`;

/** Spaces; a dash between words; a word up to its end, to a hyphen within it, or to a dash after it. */
const separator = new RegExp(
  `( +|(?<=${punctuated})-{2,}(?=${word})|[^ ]+?(?:-(?:(?<=${letter}{2}-)|(?<=${letter}-${punctuated}-))` +
    `(?=${letter}-?${letter})|(?= |$)|(?<=${punctuated})(?=-{2,}${word})))`,
  'u',
);

/** A part of a text after which a line can end: its code points, and how many of them precede the spaces at its end. */
interface Chunk {
  readonly points: readonly string[];
  readonly inked: number;
}

/**
 * The lines of one line of text.
 * @param width code points that fit, ≥ 1
 */
export function wrapText(text: string, width: number): string[] {
  const parts = text.replace(/[\t\v\f\r\n]/g, ' ').split(separator);
  const chunks = parts.filter((part) => part !== '').map(toChunk);
  const lines: string[] = [];
  /** How many code points of the next chunk are in earlier lines. */
  let taken = 0;
  for (let next = 0; next < chunks.length;) {
    if (lines.length > 0 && taken >= (chunks[next]?.inked ?? 0)) {
      next++;
      taken = 0;
    }
    const line: string[][] = [];
    let used = 0;
    for (; next < chunks.length; next++, taken = 0) {
      const { points } = chunks[next] ?? noChunk;
      if (used + points.length - taken > width) break;
      line.push(points.slice(taken));
      used += points.length - taken;
    }
    const { points } = chunks[next] ?? noChunk;
    if (points.length - taken > width) {
      const piece = points.slice(taken, taken + width - used);
      const end = breakAt(piece);
      line.push(piece.slice(0, end));
      taken += end;
    }
    if (line.at(-1)?.join('').trim() === '') line.pop();
    if (line.length > 0) lines.push(line.flat().join(''));
  }
  return lines;
}

const noChunk: Chunk = { points: [], inked: 0 };

function toChunk(part: string): Chunk {
  return { points: Array.from(part), inked: Array.from(part.trimEnd()).length };
}

/** Where to cut a piece that fills its line: after its last hyphen, unless only hyphens come before that. */
function breakAt(piece: readonly string[]): number {
  const hyphen = piece.lastIndexOf('-');
  return hyphen > 0 && piece.slice(0, hyphen).some((point) => point !== '-') ? hyphen + 1 : piece.length;
}

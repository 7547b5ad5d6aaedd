// Measures, cuts and pads text in cells of a terminal.

const ascii = /^[\x20-\x7e]*$/;

/** Measures and fits text. Created for certain texts, since ASCII needs no library. */
export interface Ruler {
  /** Cells that the text takes. */
  width(text: string): number;
  /** The text in at most `cells` cells, ending in `…` if something is missing. */
  cut(text: string, cells: number): string;
  pad(text: string, cells: number, align: 'left' | 'right'): string;
}

/** A ruler that can measure these texts. */
export async function createRuler(texts: Iterable<string>): Promise<Ruler> {
  for (const text of texts) {
    if (!ascii.test(text)) return makeRuler(inPieces((await import('./wide.ts')).measure));
  }
  return makeRuler((text) => text.length);
}

/**
 * A ruler that needs no library and never measures too little: anything that may be wide counts as wide. Exact for the
 * scripts of Europe and the Near East, and for Chinese, Japanese and Korean.
 */
export const cautiousRuler: Ruler = makeRuler((text) => {
  let cells = 0;
  // There are no wide characters before Hangul.
  for (const character of text) cells += (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
  return cells;
});

let segmenter: Intl.Segmenter | null = null;

/** The characters of a text as readers perceive them, one by one. */
export function* splitGraphemes(text: string): Generator<string> {
  if (ascii.test(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  for (const piece of splitPieces(text)) for (const { segment } of segmenter.segment(piece)) yield segment;
}

/** UTF-16 code units at a time: segmenting takes time in the square of the length, and a property can be long. */
const pieceLength = 512;

function* splitPieces(text: string): Generator<string> {
  for (let start = 0; start < text.length;) {
    const end = start + pieceLength;
    // Not between the halves of a surrogate pair.
    const isSplit = /[\ud800-\udbff]/.test(text.charAt(end - 1));
    yield text.slice(start, isSplit ? end + 1 : end);
    start = isSplit ? end + 1 : end;
  }
}

function inPieces(measure: (text: string) => number): (text: string) => number {
  return (text) => {
    let cells = 0;
    for (const piece of splitPieces(text)) cells += measure(piece);
    return cells;
  };
}

/**
 * Longest text, in UTF-16 code units, to split into perceived characters. A longer one is not meant for people, and is
 * handled by code points, a hundred times faster.
 */
export const longestExact = 4096;

/** Longest piece, in UTF-16 code units, whose width is remembered: a character, possibly with marks. */
const longestKnown = 16;
/** Maximum number of widths to remember: a text with all of Unicode would fill the memory. */
const mostKnown = 10_000;

function makeRuler(measure: (text: string) => number): Ruler {
  const known = new Map<string, number>();
  const remember = (text: string): number => {
    const cells = known.get(text) ?? measure(text);
    if (known.size < mostKnown) known.set(text, cells);
    return cells;
  };
  const width = (text: string): number => {
    if (ascii.test(text)) return text.length;
    if (text.length <= longestKnown) return remember(text);
    if (text.length <= longestExact) return measure(text);
    let cells = 0;
    for (const character of text) cells += remember(character);
    return cells;
  };
  const cut = (text: string, cells: number): string => {
    if (width(text) <= cells) return text;
    let kept = '';
    let used = 0;
    for (const segment of splitGraphemes(text)) {
      used += width(segment);
      if (used > cells - 1) break;
      kept += segment;
    }
    return cells < 1 ? '' : `${kept}…`;
  };
  const pad = (text: string, cells: number, align: 'left' | 'right'): string => {
    const space = ' '.repeat(Math.max(0, cells - width(text)));
    return align === 'left' ? text + space : space + text;
  };
  return { width, cut, pad };
}

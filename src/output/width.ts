// Text measured, cut and padded in cells of a terminal.

const ascii = /^[\x20-\x7e]*$/;

/** Measures and fits text. Made once for some texts: what is all ASCII needs no library. */
export interface Ruler {
  /** Cells that the text takes. */
  width(text: string): number;
  /** The text in at most `cells` cells, with `…` at the end if something is missing. */
  cut(text: string, cells: number): string;
  pad(text: string, cells: number, align: 'left' | 'right'): string;
}

/** A ruler that can measure these texts. */
export async function createRuler(texts: Iterable<string>): Promise<Ruler> {
  for (const text of texts) {
    // oxlint-disable-next-line no-await-in-loop -- at most once
    if (!ascii.test(text)) return makeRuler((await import('./wide.ts')).measure);
  }
  return makeRuler((text) => text.length);
}

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

function makeRuler(measure: (text: string) => number): Ruler {
  const width = (text: string): number => (ascii.test(text) ? text.length : measure(text));
  const cut = (text: string, cells: number): string => {
    if (width(text) <= cells) return text;
    let kept = '';
    let used = 0;
    for (const { segment } of segmenter.segment(text)) {
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

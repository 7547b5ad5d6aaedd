// Which of the forms that an error can have a client wants.

/** The form of an error's body. */
export type ErrorForm = 'html' | 'json' | 'text';

interface Range {
  /** As `text/html`, `text/*` or `*` + `/*`. */
  readonly type: string;
  /** 0 to 1. */
  readonly quality: number;
}

/**
 * The form that `Accept` prefers: of HTML and JSON the one of higher quality, then (API v1) the one named more exactly, then
 * HTML; plain text if it takes neither. Undefined is a request without `Accept`.
 * @see recorded exchanges `file-deactivated-accept-*` of API v2
 */
export function chooseErrorForm(accept: string | undefined, api: 1 | 2): ErrorForm {
  const ranges = (accept ?? '').split(',').map(parseRange);
  const weight = api === 1 ? 1 / 10_000 : 0;
  const html = rank(ranges, 'text/html', weight);
  const json = rank(ranges, 'application/json', weight);
  if (html === 0 && json === 0) return 'text';
  return json > html ? 'json' : 'html';
}

/**
 * Whether a request is a browser's: HTML is named, and nothing that a program takes is wanted as much by name, or more. What
 * takes anything, or says nothing, is no browser.
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  const html = qualityOf(ranges, ['text/html']) ?? 0;
  const json = qualityOf(ranges, ['application/json']);
  if (html === 0) return false;
  return json === null ? html >= (qualityOf(ranges, ['application/*', '*/*']) ?? 0) : html > json;
}

/** That of the first of these types that is named, 0 to 1; null if none is. */
function qualityOf(ranges: readonly Range[], types: readonly string[]): number | null {
  for (const type of types) {
    const named = ranges.filter((range) => range.type === type);
    if (named.length > 0) return Math.max(...named.map(({ quality }) => Math.min(quality, 1)));
  }
  return null;
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  const number = quality === undefined ? 1 : Number(quality.slice(2));
  return { type, quality: Number.isFinite(number) ? number : 0 };
}

/**
 * 0 where nothing matches.
 * @param weight of exactness; at most 1/10 000, less than any difference in quality, which has three digits
 */
function rank(ranges: readonly Range[], type: string, weight: number): number {
  const forms = ['*/*', `${type.split('/')[0] ?? ''}/*`, type];
  const ranks = ranges.map((range) => {
    const exactness = forms.indexOf(range.type);
    return exactness < 0 || range.quality <= 0 ? 0 : range.quality + exactness * weight;
  });
  return Math.max(0, ...ranks);
}

// Chooses the form of an error's body, and recognises browsers, by the `Accept` header.

/** The form of an error's body. */
export type ErrorForm = 'html' | 'json' | 'text';

interface Range {
  /** `text/html`, `text/*` or `*` + `/*`. */
  readonly type: string;
  /** 0 to 1. */
  readonly quality: number;
}

/**
 * The form that `Accept` prefers. Of HTML and JSON, the one with the higher quality; then (API v1) the one named more
 * exactly; then HTML. Plain text if the client accepts neither. Undefined is a request without `Accept`.
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
 * Whether a request comes from a browser: it names HTML, and names nothing that a program accepts with the same quality
 * or a higher one. A client that accepts anything, or says nothing, is not a browser.
 */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.split(',').map(parseRange);
  const html = qualityOf(ranges, ['text/html']) ?? 0;
  const json = qualityOf(ranges, ['application/json']);
  if (html === 0) return false;
  return json === null ? html >= (qualityOf(ranges, ['application/*', '*/*']) ?? 0) : html > json;
}

/** The quality of the first of these types that is named, 0 to 1; null if none is. */
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
 * How well a type matches; 0 if it does not.
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

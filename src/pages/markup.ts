// HTML that is escaped by construction: what stands in a template is ours, what is put into it is text.
import { escapeControls } from '../text/escape.ts';

/** A piece of HTML. Only {@link markup} and {@link asHtml} make some. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may be put into a template: text and numbers are escaped, pieces and lists of them are not; null is nothing. */
export type HtmlValue = string | number | bigint | null | Html | readonly Html[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Templates without their line breaks. */
const compacted = new WeakMap<TemplateStringsArray, readonly string[]>();

/**
 * A piece of HTML out of a template, whose line breaks and indents are left out. Values may stand in text, and in attributes
 * within double quotes.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = compacted.get(strings) ?? strings.map((part) => part.replaceAll(/\n */g, ''));
  compacted.set(strings, parts);
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += toText(value) + (parts[index + 1] ?? '');
  return new Html(text);
}

/** Text that is HTML already: a style or a script of our own. */
export function asHtml(text: string): Html {
  return new Html(text);
}

function toText(value: HtmlValue): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

/** Text as it stands in HTML; what is invisible or turns the direction of writing is written out. */
function escapeHtml(text: string): string {
  return escapeControls(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

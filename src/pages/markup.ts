// HTML that is escaped by construction: templates are ours, and values put into them are text.
import { escapeControls } from '../text/escape.ts';

/** A piece of HTML. Only {@link markup} and {@link asHtml} create one. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What can be put into a template. Text and numbers are escaped, pieces and lists of them are not; null is nothing. */
type HtmlValue = string | number | bigint | null | Html | readonly Html[];

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
 * Creates a piece of HTML from a template, whose line breaks and indents are dropped. Values may be in text, or in
 * attributes within double quotes.
 */
export function markup(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = compacted.get(strings) ?? strings.map((part) => part.replaceAll(/\n */g, ''));
  compacted.set(strings, parts);
  let text = parts[0] ?? '';
  for (const [index, value] of values.entries()) text += toText(value) + (parts[index + 1] ?? '');
  return new Html(text);
}

/** Marks a text as HTML: a style or a script of our own. */
export function asHtml(text: string): Html {
  return new Html(text);
}

function toText(value: HtmlValue): string {
  if (value === null) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

/** Escapes text for HTML; invisible characters and those that change the direction of writing are spelled out. */
function escapeHtml(text: string): string {
  return escapeControls(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}

// Finds what a server says about a failure, as one plain sentence. Glance sends HTML, text, or JSON with HTML inside.
import type { Readable } from 'node:stream';
import { GlanceError } from '../../errors.ts';

/** Maximum number of bytes of an error body to read; the rest is dropped. */
export const maxErrorBytes = 64 * 1024;

/** Longest sentence shown, in characters. */
const maxSentence = 300;

/** Phrases that Glance's web framework adds to every error with a certain status, and that say nothing. */
const stockPhrases = [
  'The resource could not be found.',
  'Access was denied to this resource.',
  'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  'This server could not verify that you are authorized to access the document you requested. Either you supplied the wrong credentials (e.g., bad password), or your browser does not understand how to supply the credentials required.',
  'The server has either erred or is incapable of performing the requested operation.',
];

/**
 * The message in an error body, or null if it says nothing.
 * @param contentType the `Content-Type` header
 * @param reason the usual phrase for the status, such as `Not Found`, which is left out of the sentence
 * @param hide removes secrets from a text
 */
export function plainSentence(
  contentType: string | null,
  body: string,
  reason: string,
  hide = (text: string): string => text,
): string | null {
  const message = isJson(contentType) ? messageOfJson(body) : body;
  let text = isHtml(message) ? dropMarkup(message) : message;
  // Before it is cut, which might leave part of a secret.
  text = hide(text)
    .replace(/<br\s*\/?>/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  text = dropStatus(text, reason);
  for (const phrase of stockPhrases) text = text.replace(phrase, '').trim();
  text = dropStatus(text, reason);
  if (text === '') return null;
  return text.length > maxSentence ? `${text.slice(0, maxSentence)}…` : text;
}

/** The start of a body, up to a limit. If the body breaks off, what arrived is enough for a message. */
export async function readStart(body: Readable, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= maxBytes) break;
    }
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes).toString('utf8');
}

function isJson(contentType: string | null): boolean {
  return contentType !== null && /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType);
}

/** Finds the message where OpenStack's services put it: `{"message"}`, `{"error": {"message"}}`, `{"overLimit": {…}}`, `{"title"}`. */
function messageOfJson(body: string): string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return body;
  }
  const holders = ['error', 'overLimit', 'overLimitFault'].map((name) => property(value, name));
  for (const holder of [value, ...holders]) {
    for (const key of ['message', 'detail', 'title']) {
      const text = property(holder, key);
      if (typeof text === 'string' && text.trim() !== '') return text;
    }
  }
  return '';
}

function property(holder: unknown, key: string): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Record<string, unknown>)[key] : undefined;
}

function isHtml(text: string): boolean {
  return /<(?:html|body|head|h1|title|!doctype)\b/i.test(text);
}

function dropMarkup(html: string): string {
  return dropElements(html)
    .replace(/<[^<>]{0,1000}>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#0*39;/g, "'")
    .replace(/&nbsp;/g, ' ')
    .replace(/&amp;/g, '&');
}

/** Removes the elements that a page does not show. An element that is never closed stays. */
function dropElements(html: string): string {
  const ends = [...html.matchAll(/<\/(head|script|style)\s*>/gi)].map(({ index, 0: tag, 1: name = '' }) => ({
    name: name.toLowerCase(),
    start: index,
    end: index + tag.length,
  }));
  let kept = '';
  let from = 0;
  for (const { index, 1: name = '' } of html.matchAll(/<(head|script|style)\b/gi)) {
    if (index < from) continue;
    while (ends[0] !== undefined && ends[0].start < index) ends.shift();
    const close = ends.find((end) => end.name === name.toLowerCase());
    if (close === undefined) continue;
    kept += `${html.slice(from, index)} `;
    from = close.end;
  }
  return kept + html.slice(from);
}

function dropStatus(text: string, reason: string): string {
  const withoutNumber = text.replace(/^\d{3}\b[\s:-]*/, '');
  const lower = withoutNumber.toLowerCase();
  if (reason !== '' && lower.startsWith(reason.toLowerCase()))
    return withoutNumber.slice(reason.length).replace(/^[\s:.-]+/, '');
  return withoutNumber;
}

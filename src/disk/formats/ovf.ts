// The descriptor of an OVA: XML, of which only the files that it refers to are looked at. Read by a scan that looks at each
// character a bounded number of times, whatever is written there.
// @see https://www.dmtf.org/standards/ovf
import { cutText } from '../parsing/bytes.ts';
import type { Draft } from '../parsing/draft.ts';

/** Notes what is wrong with a descriptor. @param bytes at most a MiB */
export function readOvf(draft: Draft, bytes: Uint8Array, isWhole: boolean): void {
  const text = new TextDecoder().decode(bytes);
  draft.require(!text.includes('\0'), 'an OVF descriptor that is not in UTF-8');
  draft.require(!/<!(?:DOCTYPE|ENTITY)/i.test(text), 'an OVF descriptor with entities of its own');
  const { hrefs, isXml } = findReferences(text);
  draft.require(isXml || !isWhole, 'an OVF descriptor that is not XML');
  for (const href of hrefs) checkReference(draft, href);
  draft.detail(
    'files',
    hrefs.slice(0, 100).map((href) => cutText(href, 1024)),
  );
}

/** Notes a path that leads out of the archive. */
function checkReference(draft: Draft, href: string): void {
  const isOutside = /^(?:[/\\]|[a-z][a-z0-9+.-]*:)/i.test(href) || href.split(/[/\\]/).includes('..');
  if (isOutside) draft.warn('external_extent', `it refers to a file outside of itself: "${href}"`);
}

/** What is between these signs is no element. */
const hidden: readonly (readonly [start: string, end: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

/** A local name is not longer. */
const longestName = 256;

interface References {
  /** What the `File` elements refer to: every `href` that one has, in whatever namespace. */
  readonly hrefs: readonly string[];
  /** Whether it was looked through to its end. What is no XML is not: everybody makes something else of it. */
  readonly isXml: boolean;
}

function findReferences(text: string): References {
  const hrefs: string[] = [];
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const end = skipHidden(text, at) ?? readElement(text, at, hrefs);
    if (end < 0) return { hrefs, isXml: false };
    at = end;
  }
  return { hrefs, isXml: true };
}

/** @returns where it ends, < 0 if it does not; null for an element */
function skipHidden(text: string, at: number): number | null {
  const signs = hidden.find(([start]) => text.startsWith(start, at));
  if (signs === undefined) return null;
  const end = text.indexOf(signs[1], at + signs[0].length);
  return end < 0 ? end : end + signs[1].length;
}

/** @returns where the element ends, < 0 if it does not */
function readElement(text: string, start: number, hrefs: string[]): number {
  const nameEnd = skip(text, start + 1, isNameCharacter);
  const isFile = localName(text, start + 1, nameEnd) === 'file';
  for (let at = nameEnd; at < text.length;) {
    const character = text[at] ?? '';
    if (character === '>') return at + 1;
    if (character === '<') return -1;
    const end = isNameCharacter(character) ? skip(text, at, isNameCharacter) : at;
    // Spaces behind a name only: those that nothing comes of are gone over again, one by one.
    const equals = end > at ? skip(text, end, isSpace) : end;
    const quote = end > at && text[equals] === '=' ? skip(text, equals + 1, isSpace) : end;
    const value = quoted(text, quote);
    if (value === null) at = Math.max(end, at + 1);
    else {
      // A quote without an end, and a sign that may not be in one.
      if (quote + value.length + 1 >= text.length || value.includes('<')) return -1;
      if (isFile && localName(text, at, end) === 'href') hrefs.push(decodeEntities(value));
      at = quote + value.length + 2;
    }
  }
  return -1;
}

/** @returns the text in quotes that begins there, up to the end if they are not closed; null if there is none */
function quoted(text: string, at: number): string | null {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return null;
  const end = text.indexOf(quote, at + 1);
  return text.slice(at + 1, end < 0 ? text.length : end);
}

/** Of a name with or without a prefix. */
function localName(text: string, start: number, end: number): string {
  const name = text.slice(Math.max(start, end - longestName), end);
  return name.slice(name.lastIndexOf(':') + 1).toLowerCase();
}

function skip(text: string, start: number, holds: (character: string) => boolean): number {
  let at = start;
  while (at < text.length && holds(text[at] ?? '')) at += 1;
  return at;
}

function isSpace(character: string): boolean {
  return character === ' ' || character === '\n' || character === '\r' || character === '\t';
}

function isNameCharacter(character: string): boolean {
  return /^[\w.:-]$/.test(character);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Characters that are written as numbers, and XML's own five names. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,12})|#(\d{1,12})|(\w{1,8}));/gi,
    (whole, hex?: string, decimal?: string, name = '') => {
      if (hex === undefined && decimal === undefined) return entities[String(name)] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

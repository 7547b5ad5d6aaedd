// The descriptor of an OVA: XML, of which only the references to files are read. The scan looks at each character a bounded
// number of times, whatever the text.
// @see https://www.dmtf.org/standards/ovf
import { cutText } from '../parsing/bytes.ts';
import type { Draft } from '../parsing/draft.ts';

/** Notes what is wrong with a descriptor. @param bytes at most a MiB */
export function readOvf(draft: Draft, bytes: Uint8Array, isWhole: boolean): void {
  const text = new TextDecoder().decode(bytes);
  draft.require(!text.includes('\0'), 'the OVF descriptor is not UTF-8');
  draft.require(!/<!(?:DOCTYPE|ENTITY)/i.test(text), 'the OVF descriptor declares a document type or entities');
  const { hrefs, isXml } = findReferences(text);
  draft.require(isXml || !isWhole, 'the OVF descriptor is not XML');
  for (const href of hrefs) checkReference(draft, href);
  draft.detail(
    'files',
    hrefs.slice(0, 100).map((href) => cutText(href, 1024)),
  );
}

/** Notes a path that leads outside the archive. */
function checkReference(draft: Draft, href: string): void {
  const isOutside = /^(?:[/\\]|[a-z][a-z0-9+.-]*:)/i.test(href) || href.split(/[/\\]/).includes('..');
  if (isOutside) draft.warn('external_extent', `it refers to a file outside of itself: "${href}"`);
}

/** Whatever stands between these is not an element. */
const hidden: readonly (readonly [start: string, end: string])[] = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
];

/** Longer local names are cut. */
const longestName = 256;

interface References {
  /** Every `href` of a `File` element, in any namespace. */
  readonly hrefs: readonly string[];
  /** Whether it is XML to the end. If not, every reader may interpret it differently. */
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

/** @returns where it ends, < 0 if it does not end; null if it is an element */
function skipHidden(text: string, at: number): number | null {
  const signs = hidden.find(([start]) => text.startsWith(start, at));
  if (signs === undefined) return null;
  const end = text.indexOf(signs[1], at + signs[0].length);
  return end < 0 ? end : end + signs[1].length;
}

/** @returns where the element ends, < 0 if it does not end */
function readElement(text: string, start: number, hrefs: string[]): number {
  const nameEnd = skip(text, start + 1, isNameCharacter);
  const isFile = localName(text, start + 1, nameEnd) === 'file';
  for (let at = nameEnd; at < text.length;) {
    const character = text[at] ?? '';
    if (character === '>') return at + 1;
    if (character === '<') return -1;
    const end = isNameCharacter(character) ? skip(text, at, isNameCharacter) : at;
    // Spaces are only skipped after a name; otherwise they would be scanned again, one by one.
    const equals = end > at ? skip(text, end, isSpace) : end;
    const quote = end > at && text[equals] === '=' ? skip(text, equals + 1, isSpace) : end;
    const value = quoted(text, quote);
    if (value === null) at = Math.max(end, at + 1);
    else {
      // An unclosed quote, or a character that is not allowed in one.
      if (quote + value.length + 1 >= text.length || value.includes('<')) return -1;
      if (isFile && localName(text, at, end) === 'href') hrefs.push(decodeEntities(value));
      at = quote + value.length + 2;
    }
  }
  return -1;
}

/** @returns the quoted text that begins there, up to the end if it is not closed; null if there is none */
function quoted(text: string, at: number): string | null {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") return null;
  const end = text.indexOf(quote, at + 1);
  return text.slice(at + 1, end < 0 ? text.length : end);
}

/** The local part of a name with or without a prefix. */
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

/** Decodes numeric character references, and the five names that XML defines. */
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

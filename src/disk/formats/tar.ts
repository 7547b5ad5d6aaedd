// tar, and OVA: a tar whose first member is an OVF descriptor. What the descriptor refers to is looked at.
// @see https://www.dmtf.org/standards/ovf
import { countOf } from '../../count.ts';
import { hasText, textOf } from '../bytes.ts';
import { Draft } from '../draft.ts';
import type { Finding } from '../finding.ts';
import type { FormatParser, Reading } from '../parser.ts';

const blockBytes = 512;
/** A descriptor is read if it is no longer than this. */
const maxDescriptorBytes = 1024 * 1024 - blockBytes;
const fileElement = /<(?:[\w.-]+:)?File\b(?:"[^"]*"|'[^']*'|[^'">]+)*/gi;
const hrefAttribute = /(?:^|[\s:"'])href\s*=\s*(?:"([^"]*)"|'([^']*)')/i;

export const tar: FormatParser = {
  format: 'tar',
  recognise: (front) => hasText(front, 257, 'ustar') && hasChecksum(front) && !isOvf(front),
  // oxlint-disable-next-line require-yield -- what is inside is not looked at
  *read() {
    return new Draft('tar').finish();
  },
};

export const ova: FormatParser = {
  format: 'ova',
  recognise: (front) => hasText(front, 257, 'ustar') && hasChecksum(front) && isOvf(front),
  read: readOva,
};

function isOvf(header: Uint8Array): boolean {
  return /\.ovf$/i.test(textOf(header.subarray(0, 100)));
}

/** The sum of all bytes of the header, its own field counted as spaces. */
function hasChecksum(header: Uint8Array): boolean {
  if (header.length < blockBytes) return false;
  let sum = 0;
  for (let index = 0; index < blockBytes; index++) sum += index >= 148 && index < 156 ? 32 : (header[index] ?? 0);
  return Number.parseInt(textOf(header.subarray(148, 156)).trim(), 8) === sum;
}

function* readOva(): Reading<Finding> {
  const draft = new Draft('ova');
  const header = (yield { from: 'start', offset: 0, length: blockBytes }) ?? new Uint8Array();
  const length = Number.parseInt(textOf(header.subarray(124, 136)).trim(), 8);
  draft.detail('descriptor', textOf(header.subarray(0, 100)));
  if (!(length >= 0 && length <= maxDescriptorBytes)) {
    return draft.require(false, `an OVF descriptor of ${countOf(length, 'byte')}`).finish();
  }
  const bytes = (yield { from: 'start', offset: blockBytes, length }) ?? new Uint8Array();
  if (bytes.length < length) draft.truncated('the OVF descriptor');
  const text = new TextDecoder().decode(bytes);
  draft.require(!text.includes('\0'), 'an OVF descriptor that is not in UTF-8');
  draft.require(!/<!(?:DOCTYPE|ENTITY)/i.test(text), 'an OVF descriptor with entities of its own');
  const hrefs = findReferences(text);
  for (const href of hrefs) checkReference(draft, href);
  draft.detail('files', hrefs.slice(0, 100));
  return draft.finish();
}

/** What its `File` elements refer to. */
function findReferences(text: string): readonly string[] {
  return [...text.matchAll(fileElement)].flatMap(([element]) => {
    const [, double, single] = hrefAttribute.exec(element) ?? [];
    const href = double ?? single;
    return href === undefined ? [] : [decodeEntities(href)];
  });
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Characters that are written as numbers, and XML's own five names. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name = '') => {
      if (hex === undefined && decimal === undefined) return entities[String(name)] ?? whole;
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    },
  );
}

function checkReference(draft: Draft, href: string): void {
  const isOutside = /^(?:[/\\]|[a-z][a-z0-9+.-]*:)/i.test(href) || href.split(/[/\\]/).includes('..');
  if (isOutside) draft.warn('external_extent', `it refers to a file outside of itself: "${href}"`);
}

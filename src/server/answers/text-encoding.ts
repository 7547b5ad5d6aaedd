// Text on its way in and out of HTTP: percent-encoding, and UTF-8 in headers.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Percent-encoded UTF-8 as text; a `%` that begins no escape stands for itself. Null if the bytes are not UTF-8. */
export function decodePercent(text: string): string | null {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return null;
  }
}

/**
 * Text as a header value: its UTF-8 bytes, a character each, which is how Glance sends it and node:http wants it.
 * Null for text with control characters but tabs: it cannot be a header, and a line break would forge one.
 */
export function toHeaderValue(text: string): string | null {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(text)) return null;
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** Whether text can be the name of a header. @see RFC 9110, 5.6.2 */
export function isHeaderName(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text);
}

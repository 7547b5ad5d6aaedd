// Decodes and encodes text in HTTP: percent-encoding, and UTF-8 in headers.

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes percent-encoded UTF-8; a `%` that begins no escape stands for itself. Null if the bytes are not UTF-8. */
export function decodePercent(text: string): string | null {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  try {
    return utf8.decode(Buffer.from(bytes, 'latin1'));
  } catch {
    return null;
  }
}

/**
 * Encodes text as a header value: one character for each UTF-8 byte, which Glance sends and node:http expects. Null for
 * text with control characters other than tabs: it cannot be a header, and a line break would forge one.
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

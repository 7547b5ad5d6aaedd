// Tells whether a text is a digest, which must not be cut or broken, since it could not be copied then.

/** Hexadecimal digits of MD5, SHA-1 and the SHA-2 family. */
const digits: ReadonlySet<number> = new Set([32, 40, 56, 64, 96, 128]);
/** The longest name of an algorithm before a colon. */
const longestName = 16;

/** Whether it looks like `HEX` or `ALG:HEX`. */
export function isDigestText(text: string): boolean {
  const colon = text.slice(0, longestName + 1).indexOf(':');
  const hex = text.length > longestName + 1 + 128 ? '' : text.slice(colon + 1);
  return digits.has(hex.length) && /^[\da-f]+$/i.test(hex);
}

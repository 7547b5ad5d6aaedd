// Shortens text that may be untrusted to what a message may repeat. Imports nothing.

/** UTF-16 code units of a message. A server's own sentence has at most 300, a path 4,096 bytes in the worst case. */
const maxLength = 2000;
const headLength = 1500;
const tailLength = 400;

/** The text; if it is too long for a message, only its two ends, where our own words are. Hide secrets first. */
export function shorten(text: string): string {
  if (text.length <= maxLength) return text;
  const head = text.slice(0, headLength);
  const tail = text.slice(-tailLength);
  // Half of a surrogate pair is not a character.
  return `${isHalf(head.charCodeAt(headLength - 1), 0xd800) ? head.slice(0, -1) : head}…${isHalf(tail.charCodeAt(0), 0xdc00) ? tail.slice(1) : tail}`;
}

/** @param first 0xd800 for the first half of a pair, 0xdc00 for the second */
function isHalf(unit: number, first: number): boolean {
  return unit >= first && unit < first + 0x400;
}

// Removes characters from the end of a text. Imports nothing.

/**
 * The text without trailing characters of a kind. A pattern such as `/ +$/` would start again at each space of each run, which
 * on untrusted text takes time in the square of its length.
 * @param kind matches a single character, a UTF-16 code unit
 */
export function dropTail(text: string, kind: RegExp): string {
  let end = text.length;
  while (end > 0 && kind.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

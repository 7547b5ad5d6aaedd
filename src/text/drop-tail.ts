// Text without what stands at its end. Imports nothing.

/**
 * The text without the characters of this kind at its end. A pattern such as `/ +$/` would begin anew at each blank of each
 * run: on text of strangers, in the square of its length.
 * @param kind decides about one character, a UTF-16 code unit
 */
export function dropTail(text: string, kind: RegExp): string {
  let end = text.length;
  while (end > 0 && kind.test(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

// Text from a server or a file, made harmless for a terminal. Every writer of text for people goes through here.

/**
 * What can drive a terminal or deceive a reader: control characters (C0, DEL, C1), everything that formats invisibly
 * (bidirectional controls, zero-width characters, tags, byte order marks), line and paragraph separators, lone surrogates.
 */
const dangerous = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0\ufff0-\uffff]/gu;
const printable = /^[\x20-\x7e]*$/;

/**
 * The text with each dangerous character as an escape such as `\x1b` or `\u202e`. Applied twice it changes nothing more.
 * @param options.keepNewlines leave line feeds as they are, for text of our own that has several lines
 */
export function escapeControls(text: string, options: { readonly keepNewlines?: boolean } = {}): string {
  if (printable.test(text)) return text;
  return text.replace(dangerous, (character) =>
    options.keepNewlines === true && character === '\n' ? '\n' : escape(character),
  );
}

/** JSON text in which nothing dangerous is left raw; its meaning is the same. */
export function escapeJson(json: string): string {
  return json.replace(dangerous, (character) => (character === '\n' ? '\n' : escapeUnits(character)));
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${code.toString(16).padStart(4, '0')}` : `\\u{${code.toString(16)}}`;
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

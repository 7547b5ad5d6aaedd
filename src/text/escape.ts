// Text from a server or a file, made harmless for a terminal. Every writer of text for people goes through here.

/**
 * What can drive a terminal or deceive a reader: control characters (C0, DEL, C1), everything that formats or is
 * invisible (bidirectional controls, zero-width characters, variation selectors, tags, fillers, byte order marks), line
 * and paragraph separators, lone surrogates, noncharacters.
 */
const dangerous =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufff0-\ufffd]/gu;
const printable = /^[\x20-\x7e]*$/;
/** The two invisible characters that ordinary emoji contain: zero-width joiner and emoji presentation. */
const emojiParts = /\u200d|\ufe0f/;
const tags = /[\u{e0000}-\u{e007f}]/u;

let emojiOrDangerous: RegExp | null = null;

/**
 * The text with each dangerous character as an escape such as `\x1b` or `\u202e`. Applied twice it changes nothing more.
 * An invisible character stays only within an emoji sequence that Unicode recommends, where it cannot deceive.
 * @param options.keepNewlines leave line feeds as they are, for text of our own that has several lines
 */
export function escapeControls(text: string, options: { readonly keepNewlines?: boolean } = {}): string {
  if (printable.test(text)) return text;
  const replace = (character: string): string =>
    options.keepNewlines === true && character === '\n' ? '\n' : escape(character);
  if (!emojiParts.test(text)) return text.replace(dangerous, replace);
  return text.replace(loadEmojiPattern(), (match) => (isEmoji(match) ? match : match.replace(dangerous, replace)));
}

/** JSON text in which nothing dangerous is left raw; its meaning is the same. */
export function escapeJson(json: string): string {
  if (printable.test(json)) return json;
  return json.replace(dangerous, (character) => (character === '\n' ? '\n' : escapeUnits(character)));
}

/** YAML text with nothing dangerous left raw, for text whose dangerous characters are all within double quotes. */
export function escapeYaml(yaml: string): string {
  return yaml.replace(dangerous, (character) => {
    if (character === '\n') return '\n';
    return character.length === 1 ? escapeUnits(character) : `\\U${hex(character, 8)}`;
  });
}

/** Whether a text contains anything that must be escaped. A line feed does not count. */
export function hasDangers(text: string): boolean {
  return !printable.test(text) && text.replaceAll('\n', '').search(dangerous) >= 0;
}

/** The pattern takes 50 ms to build, and few texts need it. Emoji sequences come first: the longest match wins. */
function loadEmojiPattern(): RegExp {
  emojiOrDangerous ??= new RegExp(`\\p{RGI_Emoji}|${dangerous.source}`, 'gv');
  return emojiOrDangerous;
}

/** Subdivision flags are emoji too, but end in invisible tags that can be mistaken for nothing. */
function isEmoji(match: string): boolean {
  return match.length > 1 && !tags.test(match) && match.replace(/\u200d|\ufe0f/g, '').search(dangerous) < 0;
}

function escape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${hex(character, 2)}`;
  return code <= 0xffff ? `\\u${hex(character, 4)}` : `\\u{${hex(character, 1)}}`;
}

function hex(character: string, digits: number): string {
  return (character.codePointAt(0) ?? 0).toString(16).padStart(digits, '0');
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}

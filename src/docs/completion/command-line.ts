// A command line as typed, split as a shell would, but never evaluated: `$(…)`, `$X` and `~` stay text. Pure.

/** A line up to the cursor. */
export interface TypedLine {
  /** The words without their quotes; the last is the one being typed, empty after a space. */
  readonly words: readonly string[];
  /** The last word as it is typed, quotes included. */
  readonly rawLast: string;
  /** The quote that is open at the end. */
  readonly quote: '' | '"' | "'";
}

/** Splits a line. Accepts any text. */
export function splitLine(line: string): TypedLine {
  const words: string[] = [];
  let [word, start, quote] = ['', -1, '' as TypedLine['quote']];
  for (let at = 0; at < line.length; at++) {
    const char = line.charAt(at);
    const next = line.charAt(at + 1);
    if (quote === '' && /\s/.test(char)) {
      if (start >= 0) words.push(word);
      [word, start] = ['', -1];
      continue;
    }
    if (start < 0) start = at;
    if (char === quote) quote = '';
    else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === '\\' && (quote === '' || (quote === '"' && /["\\$`]/.test(next)))) {
      word += next;
      at++;
    } else word += char;
  }
  return { words: [...words, word], rawLast: start < 0 ? '' : line.slice(start), quote };
}

/**
 * The value, quoted so that the shell reads it as that value.
 * @param quote the quote that is already open
 */
export function quoteValue(value: string, quote: TypedLine['quote']): string {
  if (quote === "'") return value.replaceAll("'", `'\\''`);
  if (quote === '"') return value.replace(/["\\$`]/g, '\\$&');
  return value.replace(/[^\w@%+=:,./-]/gu, '\\$&');
}

// Patterns for names, as in shells: `*`, `?` and `[…]`. Matched in bounded time, without regular expressions.

/** A parsed pattern. */
export interface Pattern {
  /** As given. */
  readonly text: string;
  /** Whether the pattern matches a name. Case matters. */
  readonly matches: (name: string) => boolean;
}

/** Longest name or pattern to accept: no Glance has a name of more than 255 characters. */
const longest = 255;

/** One element of a pattern: any number of characters, or a condition for a single one. */
type Place = 'many' | ((character: string) => boolean);

/**
 * Parses a pattern. `*` matches any number of characters, `?` any one, `[abc]`, `[a-z]` and `[[:digit:]]` one of these,
 * and `[!a]` and `[^a]` one that is none of these. `]` is an ordinary character if it comes first, `-` if it comes
 * first or last, and `[` if nothing closes it. A backslash is always ordinary: `[*]` matches a literal star.
 * @returns null for text that is not a pattern: it has none of these, or, like `web-[1]`, would only be another
 * spelling of a single name, which is not what anybody means by it
 */
export function parsePattern(text: string): Pattern | null {
  const characters = Array.from(text);
  if (characters.length > longest || !/[*?[]/.test(text)) return null;
  const places: Place[] = [];
  let [isPattern, isEscape] = [false, false];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const end = character === '[' ? endOfSet(characters, at) : -1;
    if (character === '*') {
      if (places.at(-1) !== 'many') places.push('many');
    } else if (character === '?') places.push(() => true);
    else if (end < 0) places.push((each) => each === character);
    else {
      const inner = characters.slice(at + 1, end);
      places.push(parseSet(inner));
      if (inner.length > 1) isPattern = true;
      else if (/[*?[\]]/.test(inner[0] ?? '')) isEscape = true;
      at = end;
    }
    isPattern ||= character === '*' || character === '?';
  }
  return isPattern || isEscape ? { text, matches: (name) => matchPlaces(places, name) } : null;
}

/** Where the set that begins here ends; −1 if nothing closes it. */
function endOfSet(characters: readonly string[], start: number): number {
  let at = start + 1;
  if (characters[at] === '!' || characters[at] === '^') at++;
  // The first character is in the set, whatever it is.
  for (let isFirst = true; at < characters.length; isFirst = false) {
    const close = characters[at] === '[' && characters[at + 1] === ':' ? endOfClass(characters, at) : -1;
    if (close >= 0) at = close + 1;
    else if (characters[at] === ']' && !isFirst) return at;
    else at++;
  }
  return -1;
}

/** Where `[:name:]` ends; −1 if it does not. */
function endOfClass(characters: readonly string[], start: number): number {
  let at = start + 2;
  while (/^[a-z]$/.test(characters[at] ?? '')) at++;
  return at > start + 2 && characters[at] === ':' && characters[at + 1] === ']' ? at + 1 : -1;
}

const classes: Readonly<Record<string, RegExp>> = {
  alnum: /^[\p{L}\p{N}]$/u,
  alpha: /^\p{L}$/u,
  blank: /^[ \t]$/,
  digit: /^[0-9]$/,
  lower: /^\p{Ll}$/u,
  punct: /^[!-/:-@[-`{-~]$/,
  space: /^\s$/,
  upper: /^\p{Lu}$/u,
  xdigit: /^[0-9A-Fa-f]$/,
};

function parseSet(inner: readonly string[]): (character: string) => boolean {
  const isNegated = inner[0] === '!' || inner[0] === '^';
  const members: ((character: string) => boolean)[] = [];
  for (let at = isNegated ? 1 : 0; at < inner.length; at++) {
    const first = inner[at] ?? '';
    const close = first === '[' && inner[at + 1] === ':' ? endOfClass(inner, at) : -1;
    const last = inner[at + 2];
    if (close >= 0) {
      const known = classes[inner.slice(at + 2, close - 1).join('')];
      members.push((character) => known?.test(character) === true);
      at = close;
    } else if (inner[at + 1] === '-' && last !== undefined) {
      members.push((character) => codeOf(character) >= codeOf(first) && codeOf(character) <= codeOf(last));
      at += 2;
    } else members.push((character) => character === first);
  }
  return (character) => members.some((holds) => holds(character)) !== isNegated;
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? -1;
}

/** Backtracks only to the last star: whatever an earlier one matched may stay as short as it is. */
function matchPlaces(places: readonly Place[], name: string): boolean {
  if (name.length > 2 * longest) return false;
  const characters = Array.from(name);
  let [place, at, star, starAt] = [0, 0, -1, 0];
  while (at < characters.length) {
    const holds = places[place];
    if (holds === 'many') {
      [star, starAt] = [place, at];
      place++;
    } else if (holds?.(characters[at] ?? '') === true) {
      place++;
      at++;
    } else if (star >= 0) {
      place = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (places[place] === 'many') place++;
  return place === places.length;
}

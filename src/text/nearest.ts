// Guesses which of some names somebody may have meant. Imports nothing.

/** More suggestions would be a list, not an answer. */
const mostNames = 3;
/** A longer text is not a typing error, and takes time to compare. */
const longestName = 255;

/**
 * The names most similar to the given one, at most three, the best first. A name is similar if it differs only in
 * capitals; if it is a typing error away, of one letter in three; if it begins with the whole text, up to the end of a
 * word, or shares most of both; or if it is a good part of the text, in whole words. Anything else would mislead:
 * `logout` is not what `login` means.
 */
export function nearestNames(wanted: string, names: Iterable<string>): readonly string[] {
  const text = wanted.trim().toLowerCase();
  if (text === '' || text.length > longestName) return [];
  const scored = [...new Set(names)].map((name) => ({ name, score: scoreOf(text, name.toLowerCase()) }));
  return scored
    .filter(({ score }) => score !== null)
    .toSorted((left, right) => (left.score ?? 0) - (right.score ?? 0) || left.name.localeCompare(right.name))
    .slice(0, mostNames)
    .map(({ name }) => name);
}

/** `did you mean "devstack"?`, `did you mean "a" or "b"?`; null if nothing is similar. */
export function suggestNames(wanted: string, names: Iterable<string>): string | null {
  const nearest = nearestNames(wanted, names).map((name) => `"${name}"`);
  return nearest.length === 0 ? null : `did you mean ${nearest.join(' or ')}?`;
}

/**
 * {@link suggestNames} for names of images. If there are more, it adds how to list them.
 * @returns null if nothing is similar
 */
export function suggestSearch(wanted: string, names: readonly string[]): string | null {
  const nearest = nearestNames(wanted, names);
  const words = nearest.length === 0 ? wordsOf(wanted) : wordsOf(nearest[0] ?? '').slice(0, 1);
  const holding = new Set(words.length === 0 ? [] : names.filter((name) => holdsAll(name, words)));
  const search = holding.size > nearest.length ? `see glance-cli list ${words.join(' ')}` : null;
  const meant = suggestNames(wanted, names);
  return meant === null || search === null ? (meant ?? search) : `${meant} Or ${search}`;
}

/**
 * For a search in which no name has all the words: the word that was probably meant by one that is in no name, or the
 * search without it.
 * @returns null if nothing is similar
 */
export function suggestWords(words: readonly string[], names: readonly string[]): string | null {
  const lowered = names.map((name) => name.slice(0, longestName).toLowerCase());
  const piecesOf = (word: string): readonly string[] => word.toLowerCase().split(/[*?[\]!^]/);
  const isKnown = (word: string): boolean =>
    lowered.some((name) => piecesOf(word).every((piece) => name.includes(piece)));
  const rest = words.filter(isKnown);
  const parts = new Set(lowered.flatMap(wordsOf));
  for (const word of words.filter((each) => !rest.includes(each))) {
    const meant = suggestNames(word, parts);
    if (meant !== null) return meant;
  }
  const plain = rest.filter((word) => wordsOf(word).join('') !== '' && !/[^\p{L}\p{N}._-]/u.test(word));
  return plain.length === 0 || rest.length === words.length ? null : `see glance-cli list ${plain.join(' ')}`;
}

/** Runs of letters and digits, in lower case, without those too short to distinguish names. */
function wordsOf(text: string): readonly string[] {
  return text.length > longestName
    ? []
    : text
        .toLowerCase()
        .split(/[^\p{L}\p{N}]+/u)
        .filter((word) => word.length > 1);
}

function holdsAll(name: string, words: readonly string[]): boolean {
  const text = name.slice(0, longestName).toLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * A rank, best first; null if the name is not similar. A name that contains the text ranks behind one that is a typing
 * error away.
 */
function scoreOf(text: string, name: string): number | null {
  if (name.length > longestName) return null;
  const most = Math.floor(text.length / 3);
  const distance = Math.abs(name.length - text.length) > most ? null : countEdits(text, name);
  if (distance !== null && distance <= most) return distance;
  // Too many names contain so few letters.
  if (most === 0) return null;
  if (isBeginning(text, name) || shareMost(text, name)) return most + 1;
  return isGoodPart(text, name) ? most + 2 : null;
}

/** `max` of `max-time` and `verif` of `verify`, but not `log` of `logout`. */
function isBeginning(text: string, name: string): boolean {
  return name.startsWith(text) && (text.length * 2 > name.length || isBoundary(name[text.length]));
}

/** `complete` and `completion` */
function shareMost(text: string, name: string): boolean {
  let shared = 0;
  while (shared < text.length && text[shared] === name[shared]) shared++;
  return shared >= 5 && shared * 3 >= Math.max(text.length, name.length) * 2;
}

/** `cacert` of `os-cacert`, but not `name` of `remote-name`. */
function isGoodPart(text: string, name: string): boolean {
  const start = name.indexOf(text);
  const isWhole = start > 0 && isBoundary(name[start - 1]) && isBoundary(name[start + text.length]);
  return isWhole && text.length * 5 >= name.length * 2;
}

/** Whether a word ends there. */
function isBoundary(character: string | undefined): boolean {
  return character === undefined || !/\p{L}/u.test(character);
}

/** The number of letters to add, drop, replace, or swap with their neighbour. */
function countEdits(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap && row > 1 ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}

// Sorts names in the order in which people look for them: by the size of numbers, regardless of case. Compares code
// units and ASCII digits, so the order is the same in every locale and on every Node, and nothing has to be loaded for
// it.

/**
 * Sorts by name: `ubuntu-9` before `ubuntu-10`, `Debian` beside `debian`. Items without a name come first, as in a
 * Glance list.
 * @returns a new array; items with equal names keep their order
 */
export function sortNaturally<T>(items: readonly T[], nameOf: (item: T) => string | null): T[] {
  return items
    .map((item) => {
      const name = nameOf(item) ?? '';
      return { item, name, folded: name.toLowerCase() };
    })
    .toSorted((left, right) => compareFolded(left.folded, right.folded) || compareUnits(left.name, right.name))
    .map(({ item }) => item);
}

/** Takes time in proportion to the shorter one. */
function compareFolded(left: string, right: string): number {
  let [at, to] = [0, 0];
  while (at < left.length && to < right.length) {
    if (!isDigit(left, at) || !isDigit(right, to)) {
      const order = left.charCodeAt(at++) - right.charCodeAt(to++);
      if (order !== 0) return order;
      continue;
    }
    const [start, begin] = [skipZeros(left, at), skipZeros(right, to)];
    [at, to] = [skipDigits(left, start), skipDigits(right, begin)];
    const order = at - start - (to - begin) || compareUnits(left.slice(start, at), right.slice(begin, to));
    if (order !== 0) return order;
  }
  return left.length - at - (right.length - to);
}

function compareUnits(left: string, right: string): number {
  return left === right ? 0 : left < right ? -1 : 1;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

function skipZeros(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x30) at++;
  return at;
}

function skipDigits(text: string, from: number): number {
  let at = from;
  while (isDigit(text, at)) at++;
  return at;
}

// Single values as text.

/** JSON of a value on one line, with BigInts as exact numbers. */
export function toJson(value: unknown, indent?: number): string {
  const bigints = new Map<string, string>();
  const json = JSON.stringify(
    value,
    (_key, part: unknown) => {
      if (typeof part !== 'bigint') return part;
      const mark = `\u0000${String(bigints.size)}\u0000`;
      bigints.set(JSON.stringify(mark), String(part));
      return mark;
    },
    indent,
  );
  let text = json;
  for (const [mark, digits] of bigints) text = text.replace(mark, digits);
  return text;
}

/** A value in a line of text: null is empty, objects and lists are compact JSON. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'object' ? toJson(value) : String(value as number | boolean | bigint);
}

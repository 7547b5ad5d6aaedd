// JSON of values that JSON.stringify does not support.

/**
 * JSON of a value, on one line or indented as JSON.stringify does. BigInts are numbers with all their digits.
 * @param value made of JSON's types and BigInts; undefined is null, and left out of objects
 */
export function toJson(value: unknown, indent = 0): string {
  // The host may have defined its own form for BigInts, such as a text.
  if ('toJSON' in BigInt.prototype) return write(value, indent, '');
  try {
    return JSON.stringify(value ?? null, null, indent);
  } catch {
    // There is a BigInt in it, which few values have: V8's own way leaves next to no garbage.
    return write(value, indent, '');
  }
}

function write(value: unknown, indent: number, margin: string): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const inner = margin + ' '.repeat(indent);
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => write(item, indent, inner));
    return enclose('[', items, ']', inner, margin);
  }
  const colon = indent > 0 ? ': ' : ':';
  const members = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([key, part]) => `${JSON.stringify(key)}${colon}${write(part, indent, inner)}`);
  return enclose('{', members, '}', inner, margin);
}

function enclose(open: string, parts: readonly string[], close: string, inner: string, margin: string): string {
  if (parts.length === 0) return open + close;
  // The two margins differ only if there is indentation.
  if (inner === margin) return open + parts.join(',') + close;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}

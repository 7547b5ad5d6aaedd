// Parses range requests. @see RFC 9110, 14

/** The part of a body to send; `end` is exclusive. */
type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

/**
 * What a `Range` header requests of `size` bytes. The whole body if it requests nothing, several ranges, or something
 * malformed, or if `If-Range` is not the current ETag.
 * @param etag as sent, quoted or not; null if there is none
 */
export function selectRange(headers: ReadonlyMap<string, string>, etag: string | null, size: number): Selection {
  const range = /^bytes=(\d*)-(\d*)$/i.exec(headers.get('range')?.trim() ?? '');
  const [, first = '', last = ''] = range ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first !== '' && last !== '' && Number(last) < Number(first)) return { kind: 'whole' };
  const ifRange = headers.get('if-range');
  if (ifRange !== undefined && (etag === null || unquote(ifRange) !== unquote(etag))) return { kind: 'whole' };
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  if (start >= size) return { kind: 'unsatisfiable' };
  const end = first === '' || last === '' ? size : Math.min(size, Number(last) + 1);
  return { kind: 'part', start, end };
}

/** A {@link Selection}, or what Glance refuses instead of sending the whole body. */
type StrictSelection = Selection | { readonly kind: 'several' | 'malformed' };

/**
 * What a `Range` header requests, if it must be valid, as API v2 demands: several ranges and malformed ones are reported.
 * @param etag as sent; null if there is none
 * @see recorded exchanges `file-range-*`
 */
export function selectRangeStrictly(
  headers: ReadonlyMap<string, string>,
  etag: string | null,
  size: number,
): StrictSelection {
  const text = headers.get('range');
  if (text === undefined) return { kind: 'whole' };
  const plain = text.replace(/\s/g, '');
  const selection = selectRange(new Map([...headers, ['range', plain]]), etag, size);
  if (selection.kind !== 'whole') return selection;
  const ifRange = headers.get('if-range');
  if (ifRange !== undefined && (etag === null || unquote(ifRange) !== unquote(etag))) return selection;
  return { kind: plain.includes(',') ? 'several' : 'malformed' };
}

function unquote(etag: string): string {
  return /^"(.*)"$/.exec(etag)?.[1] ?? etag;
}

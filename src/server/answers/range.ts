// Range requests. @see RFC 9110, 14

/** What of a body is to be sent; `end` is not included. */
export type Selection =
  | { readonly kind: 'whole' }
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

/**
 * What `Range` asks for of `size` bytes. The whole body if it asks for nothing, for several ranges or in words that make no
 * sense, or if `If-Range` is not the present ETag.
 * @param etag as it is sent, quoted or not; null where there is none
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

/** As {@link Selection}, with what Glance does not take for the whole. */
export type StrictSelection = Selection | { readonly kind: 'several' | 'malformed' };

/**
 * What `Range` asks for where it has to make sense, as API v2 demands: several ranges and words that are none are told apart.
 * @param etag as it is sent; null where there is none
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

// Keeps track of which bytes of a file are present: a sorted list of spans that do not touch. Pure.

/** Bytes from `start` up to but not including `end`; 0 ≤ start < end. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Spans in order, none empty, none touching the next. */
export type Extents = readonly Span[];

/** The union of `extents` and `span`. */
export function addSpan(extents: Extents, span: Span): Extents {
  if (span.start >= span.end) return extents;
  const before = extents.filter(({ end }) => end < span.start);
  const after = extents.filter(({ start }) => start > span.end);
  const touching = extents.slice(before.length, extents.length - after.length);
  const start = Math.min(span.start, ...touching.map((each) => each.start));
  const end = Math.max(span.end, ...touching.map((each) => each.end));
  return [...before, { start, end }, ...after];
}

/** The parts of `within` that are not in `extents`, in order. */
export function findGaps(extents: Extents, within: Span): Extents {
  const gaps: Span[] = [];
  let position = within.start;
  for (const { start, end } of extents) {
    if (end <= position) continue;
    if (start >= within.end) break;
    if (start > position) gaps.push({ start: position, end: start });
    position = end;
  }
  if (position < within.end) gaps.push({ start: position, end: within.end });
  return gaps;
}

/** The first missing byte, counted from the start. */
export function frontierOf(extents: Extents): number {
  const first = extents[0];
  return first === undefined || first.start > 0 ? 0 : first.end;
}

/** Bytes that are there. */
export function countBytes(extents: Extents): number {
  return extents.reduce((sum, { start, end }) => sum + end - start, 0);
}

// Times for people: how long ago, or when.

export type TimeStyle = 'relative' | 'absolute';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const yearMs = 365.25 * dayMs;

/** From the largest unit down; each is used from so many of it on. One of a unit says too little, except below a day. */
const units = [
  ['year', yearMs, 2],
  ['month', yearMs / 12, 2],
  ['day', dayMs, 2],
  ['hour', hourMs, 1],
  ['minute', minuteMs, 1],
] as const;

/** `just now`, `5 minutes ago`, `3 days ago`, `18 months ago`; `in 2 hours` for what another clock puts in the future. */
export function formatAge(ageMs: number): string {
  const unit = units.find(([, ms, least]) => Math.abs(ageMs) >= ms * least);
  if (unit === undefined) return 'just now';
  const [name, ms] = unit;
  const count = Math.floor(Math.abs(ageMs) / ms);
  const span = `${String(count)} ${name}${count === 1 ? '' : 's'}`;
  return ageMs < 0 ? `in ${span}` : `${span} ago`;
}

/** Shows a time of ISO 8601; what is none stays as it is. */
export type TimeFormat = (value: unknown) => string;

/**
 * How the times of a table are shown.
 * @param now milliseconds since 1970 UTC
 */
export function createTimeFormat(style: TimeStyle, now: number): TimeFormat {
  return (value) => {
    if (typeof value !== 'string') return '';
    const time = style === 'relative' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? value : formatAge(now - time);
  };
}

/** `2026-01-31 12:00:00 UTC`, without fractions; what is no time in UTC of ISO 8601 stays as it is. */
export function formatTimestamp(value: string): string {
  return value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC');
}

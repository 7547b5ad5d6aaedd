// Times for people: how long ago, or when.

export type TimeStyle = 'relative' | 'absolute';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const yearMs = 365.25 * dayMs;

/**
 * Units from the largest down, each with the smallest number for which it is used. One of a unit is too coarse, except for
 * units below a day.
 */
const units = [
  ['year', yearMs, 2],
  ['month', yearMs / 12, 2],
  ['day', dayMs, 2],
  ['hour', hourMs, 1],
  ['minute', minuteMs, 1],
] as const;

/** `just now`, `5 minutes ago`, `3 days ago`, `18 months ago`; `in 2 hours` if another clock is ahead. */
export function formatAge(ageMs: number): string {
  const unit = units.find(([, ms, least]) => Math.abs(ageMs) >= ms * least);
  if (unit === undefined) return 'just now';
  const [name, ms] = unit;
  const count = Math.floor(Math.abs(ageMs) / ms);
  const span = `${String(count)} ${name}${count === 1 ? '' : 's'}`;
  return ageMs < 0 ? `in ${span}` : `${span} ago`;
}

/** Formats an ISO 8601 time; anything else stays as it is. */
export type TimeFormat = (value: unknown) => string;

/**
 * Creates the format for times in a table.
 * @param now milliseconds since 1970 UTC
 */
export function createTimeFormat(style: TimeStyle, now: number): TimeFormat {
  return (value) => {
    if (typeof value !== 'string') return '';
    const time = style === 'relative' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(time) ? value : formatAge(now - time);
  };
}

/** `2026-01-31 12:00:00 UTC`, without fractions; anything but an ISO 8601 time in UTC stays as it is. */
export function formatTimestamp(value: string): string {
  return value.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/, '$1 $2 UTC');
}

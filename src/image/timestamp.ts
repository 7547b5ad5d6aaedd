// Converts the timestamps that Glance has written over the years into a single form.
import { dropTail } from '../text/drop-tail.ts';

const usual = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const isoLike = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?$/i;
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * A timestamp as `YYYY-MM-DDTHH:MM:SS[.ffffff]Z`, in UTC; null if the text is not one. A time without a zone is UTC, as
 * the v1 specification says. Fractions are kept to the microsecond, without trailing zeros.
 * Accepts `2010-02-03 09:34:01`, `2010-02-03T09:34:01.289000`, `…Z`, `…+02:00`, and HTTP dates.
 */
export function parseTimestamp(text: string): string | null {
  const trimmed = text.trim();
  // API v2 writes all of them like this, so this form is fast.
  if (usual.test(trimmed) && fromMs(Date.parse(trimmed), '') === trimmed) return trimmed;
  if (httpDate.test(trimmed)) return fromMs(Date.parse(trimmed), '');
  const parts = isoLike.exec(trimmed);
  if (parts === null) return null;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', fraction = '', zone = 'Z'] = parts;
  const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : 'Z';
  const date = `${year}-${month}-${day}`;
  // Date.parse turns 31 February into a day in March. A date that comes back changed is invalid.
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isNaN(midnight) || !new Date(midnight).toISOString().startsWith(date)) return null;
  return fromMs(Date.parse(`${date}T${hour}:${minute}:${second}${offset}`), dropTail(fraction.slice(0, 6), /0/));
}

function fromMs(timeMs: number, fraction: string): string | null {
  if (Number.isNaN(timeMs)) return null;
  const seconds = new Date(timeMs).toISOString().slice(0, 19);
  return fraction === '' ? `${seconds}Z` : `${seconds}.${fraction}Z`;
}

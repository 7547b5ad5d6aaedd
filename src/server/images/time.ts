// Writes and parses times as API v1 does. They all have the same form, so that they can be compared as text.

/**
 * A time of the image model as Glance has written it since Kilo: `2026-11-23T11:52:28.321133`, UTC, six decimals, no
 * zone.
 */
export function toV1Time(time: string): string {
  const [, seconds, fraction = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z?$/.exec(time) ?? [];
  return seconds === undefined ? time : `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}`;
}

const isoTime =
  /^(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[ T](\d\d)(?::?(\d\d))?(?::?(\d\d?)(?:[.,](\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?$/;

/**
 * Parses `changes-since` into the form of {@link toV1Time}: ISO 8601 of any precision, UTC if there is no zone. Null
 * otherwise.
 */
export function parseSince(text: string): string | null {
  const parts = isoTime.exec(text);
  if (parts === null) return null;
  const [, year = '', month = '1', day = '1', hour = '00', minute = '00', second = '0', fraction = '', zone = 'Z'] =
    parts;
  const date = `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
  const offset = zone === 'Z' ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(':', '') || '00'}`;
  const timeMs = Date.parse(`${date}T${hour}:${minute}:${second.padStart(2, '0')}${offset}`);
  if (Number.isNaN(timeMs) || Number.isNaN(Date.parse(date)) || new Date(date).toISOString().slice(0, 10) !== date)
    return null;
  return toV1Time(`${new Date(timeMs).toISOString().slice(0, 19)}.${fraction.padEnd(1, '0')}`);
}

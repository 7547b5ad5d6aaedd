import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTimestamp } from '../../../src/image/timestamp.ts';

it.each([
  ['2010-02-03 09:34:01', '2010-02-03T09:34:01Z'],
  ['2010-02-03T09:34:01', '2010-02-03T09:34:01Z'],
  ['2026-11-23T11:33:39.290771', '2026-11-23T11:33:39.290771Z'],
  ['2026-11-23T11:33:39.000000', '2026-11-23T11:33:39Z'],
  ['2026-11-23T11:33:39.500000Z', '2026-11-23T11:33:39.5Z'],
  ['2026-11-23T11:33:39Z', '2026-11-23T11:33:39Z'],
  ['2026-11-23T11:33:39+02:00', '2026-11-23T09:33:39Z'],
  ['2026-11-23T00:33:39-0130', '2026-11-23T02:03:39Z'],
  ['2026-11-23 11:33:39 UTC', '2026-11-23T11:33:39Z'],
  ['2010-02-03T24:00:00Z', '2010-02-04T00:00:00Z'],
  ['Wed, 03 Feb 2010 09:34:01 GMT', '2010-02-03T09:34:01Z'],
  ['  2010-02-03 09:34:01  ', '2010-02-03T09:34:01Z'],
])('reads %s as %s', (text, iso) => {
  expect(parseTimestamp(text)).toBe(iso);
});

it.each([
  '',
  'null',
  'yesterday',
  '2010-02-31 00:00:00',
  '2010-02-31T00:00:00Z',
  '2010-13-01T00:00:00',
  '2010-02-03',
  '1265189641',
  '2010-02-03T25:00:00',
])('does not accept "%s" as a time', (text) => {
  expect(parseTimestamp(text)).toBeNull();
});

it('reads what it writes as the same time', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }), (date) => {
      const once = parseTimestamp(date.toISOString());
      expect(once === null ? null : parseTimestamp(once)).toBe(once);
      expect(Date.parse(once ?? '')).toBe(date.getTime());
    }),
  );
});

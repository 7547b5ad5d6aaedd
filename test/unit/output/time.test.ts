import { expect, it } from 'vitest';
import { createTimeFormat, formatAge, formatTimestamp } from '../../../src/output/time.ts';

const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000] as const;

it.each([
  [0, 'just now'],
  [59 * second, 'just now'],
  [minute, '1 minute ago'],
  [59 * minute, '59 minutes ago'],
  [hour, '1 hour ago'],
  [47 * hour, '47 hours ago'],
  [48 * hour, '2 days ago'],
  [60 * day, '60 days ago'],
  [61 * day, '2 months ago'],
  [729 * day, '23 months ago'],
  [731 * day, '2 years ago'],
  [15 * 366 * day, '15 years ago'],
  [-30 * second, 'just now'],
  [-2 * hour, 'in 2 hours'],
])('%d ms are %s', (ms, text) => {
  expect(formatAge(ms)).toBe(text);
});

it('prints a time unchanged if ages are not wanted, and always leaves anything else unchanged', () => {
  const now = Date.UTC(2026, 0, 4);
  const [relative, absolute] = [createTimeFormat('relative', now), createTimeFormat('absolute', now)];
  expect(relative('2026-01-01T00:00:00Z')).toBe('3 days ago');
  expect(absolute('2026-01-01T00:00:00Z')).toBe('2026-01-01T00:00:00Z');
  expect([relative('soon'), relative(null)]).toEqual(['soon', '']);
});

it('writes times readably, and leaves anything else alone', () => {
  expect(formatTimestamp('2026-01-02T03:04:05.678901Z')).toBe('2026-01-02 03:04:05 UTC');
  expect(formatTimestamp('2026-01-02T03:04:05+01:00')).toBe('2026-01-02T03:04:05+01:00');
});

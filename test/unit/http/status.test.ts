import { describe, expect, it } from 'vitest';
import { parseRetryAfter, statusError } from '../../../src/http/status.ts';
import { decideRetry } from '../../../src/retry.ts';

const errorFor = (status: number): ReturnType<typeof statusError> => statusError('glance.example', status, null, {});

it('exactly these statuses are retried', () => {
  const all = Array.from({ length: 500 }, (_, index) => 100 + index);
  const retried = all.filter((status) => decideRetry(errorFor(status), 1, true, { retries: 5 }, 0.5) !== null);
  expect(retried).toEqual([408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524]);
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1);
  it.each([
    ['0', 0],
    ['120', 120_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT', 60_000],
    ['Wed, 31 Dec 2025 23:00:00 GMT', 0],
    ['999999999', 999_999_999_000],
    ['1000000000', undefined],
    ['Wednesday, 07-Jan-26 00:00:00 GMT', 6 * 86_400_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT'.padEnd(40), 60_000],
    ['Thu, 01 Jan 2026 00:01:00 GMT'.padEnd(41), undefined],
    ['2026-01-01T00:01:00Z', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is %j ms', (value, ms) => {
    expect(parseRetryAfter(value, now)).toBe(ms);
  });
});

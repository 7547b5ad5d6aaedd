import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describeBytes, formatBytes, formatDuration, formatRate, parseSize } from '../../../src/output/size.ts';

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_048_575, '1.0 MiB'],
  [5_368_709_120, '5.0 GiB'],
  [Number.MAX_SAFE_INTEGER, '8.0 PiB'],
])('writes %d bytes as %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

it('writes rates and durations', () => {
  expect(formatRate(88_394_956.8)).toBe('84.3 MiB/s');
  expect([0, 7.4, 65, 3599, 3600, 7380].map(formatDuration)).toEqual([
    '0s',
    '7s',
    '1m 05s',
    '59m 59s',
    '1h 00m',
    '2h 03m',
  ]);
});

it.each([
  ['512', 512],
  ['1k', 1024],
  ['10M', 10_485_760],
  ['1.5GiB', 1_610_612_736],
  ['10MB', 10_000_000],
  ['1 TB', 1_000_000_000_000],
  ['7b', 7],
])('reads %s as %d bytes', (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

it.each(['', 'big', '-1', '1e3', '0x10', '1.2.3', '9999P', '10Q'])('refuses "%s"', (text) => {
  expect(() => parseSize(text)).toThrow(expect.objectContaining({ code: 'usage.argument' }));
});

it.each([
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [13_287_936, '12.7 MiB (13287936 bytes)'],
  [2n ** 60n, '1024.0 PiB (1152921504606846976 bytes)'],
])('describes %s bytes as "%s"', (bytes, text) => {
  expect(describeBytes(bytes)).toBe(text);
});

it('reads back whole units that it wrote', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1023 }), fc.constantFrom(0, 1, 2, 3, 4), (count, power) => {
      const bytes = count * 1024 ** power;
      expect(parseSize(formatBytes(bytes))).toBe(bytes);
    }),
  );
});

import { expect, it } from 'vitest';
import { partSizes } from '../../../../src/transfer/upload/part-sizes.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;
const tebibyte = 1024 * gibibyte;
/** By the number of parts that a store accepts. */
const mostBytes = new Map([
  [1000, 5000 * gibibyte],
  [10_000, 5 * tebibyte],
]);

it.each([
  [0, 8 * mebibyte, false],
  [7 * gibibyte, 8 * mebibyte, false],
  [8 * gibibyte, 10 * mebibyte, false],
  [14 * gibibyte, 16 * mebibyte, false],
  [15 * gibibyte, 18 * mebibyte, true],
  [5000 * gibibyte, 5 * gibibyte, true],
  [null, 16 * mebibyte, false],
])('an image of %j bytes has parts of %j', (size, bytes, isStreamed) => {
  for (const most of mostBytes.keys()) expect(partSizes(size, most)).toEqual({ bytes, isStreamed });
});

it.each([...mostBytes])('never has more parts than the %d that a store accepts', (most, bytes) => {
  for (let size = gibibyte; size <= bytes; size = Math.min(Math.floor(size * 1.37), Math.max(size + 1, bytes))) {
    expect(Math.ceil(size / partSizes(size, most).bytes)).toBeLessThanOrEqual(most);
  }
});

it.each([...mostBytes])('refuses an image larger than an object of %d parts can be', (most, bytes) => {
  expect(() => partSizes(bytes + 1, most)).toThrow(expect.objectContaining({ code: 'place.unsupported' }));
});

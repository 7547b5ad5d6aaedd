import { expect, it } from 'vitest';
import { mostObjectBytes, partSizes } from '../../../../src/transfer/upload/part-sizes.ts';

const mebibyte = 1024 * 1024;
const gibibyte = 1024 * mebibyte;

it.each([
  [0, 8 * mebibyte, false],
  [7 * gibibyte, 8 * mebibyte, false],
  [8 * gibibyte, 10 * mebibyte, false],
  [14 * gibibyte, 16 * mebibyte, false],
  [15 * gibibyte, 18 * mebibyte, true],
  [mostObjectBytes, 5 * gibibyte, true],
  [null, 16 * mebibyte, false],
])('an image of %j bytes has parts of %j', (size, bytes, isStreamed) => {
  expect(partSizes(size)).toEqual({ bytes, isStreamed });
});

it('never are there more parts than a store takes', () => {
  for (let size = gibibyte; size <= mostObjectBytes; size = Math.floor(size * 1.37)) {
    expect(Math.ceil(size / partSizes(size).bytes)).toBeLessThanOrEqual(1000);
  }
});

it('an image that is larger than an object can be is refused', () => {
  expect(() => partSizes(mostObjectBytes + 1)).toThrow(expect.objectContaining({ code: 'place.unsupported' }));
});

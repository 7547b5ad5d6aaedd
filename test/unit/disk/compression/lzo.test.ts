import { describe, expect, it } from 'vitest';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { unlzo } from '../../../../src/disk/compression/lzo.ts';

const end = [0x11, 0, 0];
const text = (value: string): number[] => [...Buffer.from(value)];
/** A stream that begins with these literals, at least four of them. */
const start = (value: string): number[] => [17 + value.length, ...text(value)];

function decode(stream: readonly number[], room: number): string {
  const output = new Uint8Array(room);
  const length = unlzo(Uint8Array.from(stream), output);
  return Buffer.from(output.subarray(0, length)).toString('latin1');
}

describe('a stream of LZO', () => {
  it.each<[what: string, stream: readonly number[], expected: string]>([
    ['nothing', [], ''],
    ['literals', start('abcd'), 'abcd'],
    ['a run of 4', [1, ...text('abcd')], 'abcd'],
    ['a run of 18', [15, ...text('abcdefghijklmnopqr')], 'abcdefghijklmnopqr'],
    ['a run whose length is in additional bytes', [0, 0, 5, ...text('x'.repeat(15 + 255 + 5 + 3))], 'x'.repeat(278)],
    // One to three literals, then a match of two bytes.
    ['few literals and the nearest match', [18, ...text('a'), 0, 0], 'aaa'],
    [
      'a match of two bytes further away',
      [...start('abcdefgh'), 0x40 + 1, 0, ...text('z'), 4 + 3, 1, ...text('xyz')],
      'abcdefghhhhzghxyz',
    ],
    ['a match of 3 to 8 bytes', [...start('abcdefgh'), 0xe0 + 0x0c, 0], 'abcdefghefghefgh'],
    ['a match of up to 33 bytes', [...start('abcd'), 0x20 + 3, 3 * 4 + 1, 0, ...text('z')], 'abcdabcdaz'],
    ['a match of many bytes', [...start('abcd'), 0x20, 0, 1, 0, 0], `abcd${'d'.repeat(31 + 255 + 1 + 2)}`],
  ])('of %s is unpacked', (_what, stream, expected) => {
    expect(decode([...stream, ...end], 1000)).toBe(expected);
    expect(decode([...stream, ...end], expected.length)).toBe(expected);
    if (expected !== '')
      expect(() => decode([...stream, ...end], expected.length - 1)).toThrow('decompressed data is longer');
  });

  it('has distant matches', () => {
    const zeros = [0, ...Array.from({ length: 200 }, () => 0), 82];
    const far = Array.from({ length: 15 + 200 * 255 + 82 + 3 }, (_, index) => 97 + (index % 23));
    const before = String.fromCharCode(...far);
    // After a run of literals: three bytes, at least 2049 bytes back.
    expect(decode([...zeros, ...far, 4, 2, ...end], 60_000)).toBe(before + before.substr(-2058, 3));
    // From 16 KiB on: one bit of the length's byte belongs to the distance.
    expect(decode([...zeros, ...far, 0x10 + 3, 40, 0, ...end], 60_000)).toBe(before + before.substr(-16_394, 5));
    expect(decode([...zeros, ...far, 0x18, 6, 0, 1, ...end], 60_000)).toBe(before + before.substr(-(32_768 + 64), 15));
  });

  it.each<[what: string, stream: readonly number[], message: string]>([
    ['that has no end', start('abcd'), 'is truncated'],
    ['with less than it says', [100, ...text('abcd')], 'is truncated'],
    ['with a length that never ends', [0, 0, 0, 0], 'is truncated'],
    [
      'that refers to what is before it',
      [...start('abcd'), 0x20 + 3, 4 * 4, 0, ...end],
      'offset in compressed data is out of range',
    ],
    ['that is nothing', [], 'is truncated'],
  ])('%s is refused', (_what, stream, message) => {
    expect(() => decode(stream, 1000)).toThrow(UnreadableError);
    expect(() => decode(stream, 1000)).toThrow(message);
  });
});

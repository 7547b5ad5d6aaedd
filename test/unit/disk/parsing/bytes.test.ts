// Fields of binary headers, and texts and ids in them.
import { describe, expect, it } from 'vitest';
import {
  cutText,
  exactText,
  guidOf,
  hasBit,
  hasFlag,
  hasText,
  isPowerOfTwo,
  isZero,
  textOf,
  uuidOf,
  viewOf,
} from '../../../../src/disk/parsing/bytes.ts';

const bytes = Buffer.from('00112233445566778899aabbccddeeff', 'hex');

describe('a field', () => {
  it('is read where it is, even within other bytes', () => {
    const part = bytes.subarray(4, 8);
    expect([viewOf(part).getUint32(0), viewOf(part).byteLength]).toEqual([0x44556677, 4]);
  });

  it.each<[number, string, boolean]>([
    [0, 'some', true],
    [5, 'text', true],
    [5, 'texts', false],
    [6, 'text', false],
    [5, 'test', false],
    [0, 'Some', false],
    [9, '', true],
    [10, '', false],
  ])('at %d is the text "%s": %s', (offset, text, expected) => {
    expect(hasText(Buffer.from('some text'), offset, text)).toBe(expected);
  });

  it('has bits, numbered from the lowest', () => {
    expect([0, 1, 2, 3, 62, 63].map((bit) => hasBit(2n ** 63n + 5n, bit))).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
    ]);
    expect([1, 2, 4, 8, 2 ** 30, 2 ** 31].map((flag) => hasFlag(2 ** 31 + 5, flag))).toEqual([
      true,
      false,
      true,
      false,
      false,
      true,
    ]);
    expect(hasFlag(0, 1)).toBe(false);
  });

  it('is a power of two or not', () => {
    expect([-1, 0, 1, 2, 3, 4, 2 ** 31, 2 ** 31 + 1].map(isPowerOfTwo)).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  it('is zero if all its bytes are', () => {
    expect([Buffer.alloc(0), Buffer.alloc(3), Buffer.of(0, 0, 1), Buffer.of(1, 0)].map(isZero)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});

describe('a text', () => {
  it('ends at the first NUL, or with the field', () => {
    const ends = ['a\0b', '\0b', 'ab', ''].map((text) => textOf(Buffer.from(text)));
    expect(ends).toEqual(['a', '', 'ab', '']);
    expect(textOf(Buffer.of(0x61, 0xff))).toBe('a\u{fffd}');
  });

  it('is returned as it stands, with its byte order mark', () => {
    expect(exactText(Buffer.from('\u{feff}a\0b'))).toBe('\u{feff}a\0b');
    expect(exactText(Buffer.of(0x61, 0, 0xe4, 0), 'utf-16le')).toBe('a\u{e4}');
    expect(exactText(Buffer.of(0, 0x61), 'utf-16be')).toBe('a');
  });

  it('that is too long is cut, never within a character', () => {
    expect([3, 4, 5].map((length) => cutText('text', length))).toEqual(['tex\u{2026}', 'text', 'text']);
    expect([1, 2, 3].map((length) => cutText('a\u{1f4bf}b', length))).toEqual([
      'a\u{2026}',
      'a\u{2026}',
      'a\u{1f4bf}\u{2026}',
    ]);
  });
});

describe('an id', () => {
  it('is written in the order of its fields', () => {
    expect(guidOf(bytes)).toBe('33221100-5544-7766-8899-AABBCCDDEEFF');
    expect(uuidOf(bytes)).toBe('00112233-4455-6677-8899-aabbccddeeff');
    const longer = Buffer.concat([bytes, Buffer.of(1)]);
    expect([guidOf(longer), uuidOf(longer)]).toEqual([guidOf(bytes), uuidOf(bytes)]);
  });

  it('is null if it is zero', () => {
    expect(uuidOf(Buffer.alloc(16))).toBeNull();
    expect(uuidOf(Buffer.alloc(16).fill(1, 15))).toBe('00000000-0000-0000-0000-000000000001');
  });
});

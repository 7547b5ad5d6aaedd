import { describe, expect, it } from 'vitest';
import { crc32c } from '../../../../src/disk/parsing/crc32c.ts';

describe('CRC-32C', () => {
  // The examples of RFC 3720, B.4, and the usual check value.
  it.each([
    [Buffer.from('123456789'), 0xe306_9283],
    [Buffer.alloc(32), 0x8a91_36aa],
    [Buffer.alloc(32, 0xff), 0x62a8_ab43],
    [Uint8Array.from({ length: 32 }, (_, index) => index), 0x46dd_794e],
    [new Uint8Array(), 0],
  ])('equals what others have computed (%#)', (bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
    expect(crc32c(bytes.subarray(5), crc32c(bytes.subarray(0, 5)))).toBe(expected);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePattern, movePieces, splitBlocks, writeRaw } from '../../../../../examples/demo/images/content.ts';
import { anyContent } from './contents.ts';

describe('splitBlocks', () => {
  it('splits a raw disk into blocks in ascending order, without empty ones', () => {
    fc.assert(
      fc.property(anyContent, fc.constantFrom(512, 1024, 4096, 65_536), (content, blockSize) => {
        const blocks = splitBlocks(content, blockSize);
        const disk = Buffer.alloc(Math.ceil(content.size / blockSize) * blockSize);
        for (const [number, bytes] of blocks) {
          expect(bytes.length).toBe(blockSize);
          disk.set(bytes, number * blockSize);
        }
        expect(disk.subarray(0, content.size).equals(writeRaw(content))).toBe(true);
        expect([...blocks.keys()]).toEqual([...blocks.keys()].toSorted((first, second) => first - second));
        for (const number of blocks.keys()) {
          const start = number * blockSize;
          const touched = content.pieces.some(
            ({ offset, bytes }) => bytes.length > 0 && offset < start + blockSize && offset + bytes.length > start,
          );
          expect(touched).toBe(true);
        }
      }),
    );
  });

  it.each([
    ['a piece that reaches past the end', { size: 512, pieces: [{ offset: 510, bytes: Buffer.alloc(3) }] }],
    ['a piece before the start', { size: 512, pieces: [{ offset: -1, bytes: Buffer.alloc(1) }] }],
    ['half a sector', { size: 768, pieces: [] }],
  ])('refuses %s', (_what, content) => {
    expect(() => splitBlocks(content, 512)).toThrow(RangeError);
    expect(() => writeRaw(content)).toThrow(RangeError);
  });
});

describe('writeRaw', () => {
  it('lets the later piece win where two overlap', () => {
    const pieces = [
      { offset: 0, bytes: Buffer.from('aaaa') },
      { offset: 2, bytes: Buffer.from('bb') },
    ];
    expect(writeRaw({ size: 512, pieces }).toString('latin1', 0, 5)).toBe('aabb\0');
  });
});

describe('movePieces', () => {
  it('moves every piece by the same distance', () => {
    const bytes = Buffer.from('x');
    expect(movePieces({ size: 512, pieces: [{ offset: 3, bytes }] }, 512)).toEqual([{ offset: 515, bytes }]);
  });
});

describe('makePattern', () => {
  it('is the same on every run, and a longer one begins with a shorter one', () => {
    expect(makePattern(8).toString('hex')).toBe('66e94bd4ef8a2c3b');
    expect(makePattern(1000).subarray(0, 77).equals(makePattern(77))).toBe(true);
  });
});

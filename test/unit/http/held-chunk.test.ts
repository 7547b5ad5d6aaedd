import { expect, it } from 'vitest';
import { HeldChunk } from '../../../src/http/held-chunk.ts';

it.each([10, 32 * 1024, 200_000, 256 * 1024, 256 * 1024 + 1])(
  'keeps %i bytes after their buffer is reused, and holds memory only until released',
  (length) => {
    const chunk = Buffer.alloc(length, 1);
    const first = new HeldChunk(chunk);
    chunk.fill(2);
    const second = new HeldChunk(chunk);
    expect(first.bytes).toEqual(Buffer.alloc(length, 1));
    first.release();
    const third = new HeldChunk(Buffer.alloc(length, 3));
    expect(second.bytes).toEqual(Buffer.alloc(length, 2));
    expect(third.bytes).toEqual(Buffer.alloc(length, 3));
  },
);

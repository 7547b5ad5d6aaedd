import { describe, expect, it } from 'vitest';
import { FlatBlocks, PartOfBlocks, readAll, readAt } from '../../../../src/disk/blocks/blocks.ts';
import { type Reads, type Span, together } from '../../../../src/disk/blocks/reading.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';

const data = Uint8Array.from({ length: 100 }, (_, index) => index);

function* readByte(offset: number): Reads<number> {
  const [bytes] = yield [{ offset, length: 1 }];
  return bytes?.[0] ?? -1;
}

function* readTwice(offset: number): Reads<number> {
  return (yield* readByte(offset)) + (yield* readByte(offset + 1));
}

describe('several readers together', () => {
  it('join their requests of one turn, and each gets its own answers', () => {
    const turns: (readonly Span[])[] = [];
    const all = together([readByte(3), readTwice(10), readByte(200)]);
    expect(driveReads(all, data, (spans) => turns.push(spans))).toEqual([3, 21, -1]);
    expect(turns.map((spans) => spans.map(({ offset }) => offset))).toEqual([[3, 10, 200], [11]]);
  });

  it('may be none', () => {
    expect(driveReads(together([]), data)).toEqual([]);
  });
});

describe('a part of a disk', () => {
  const part = new PartOfBlocks(new FlatBlocks(100), 90, 50);

  it('ends with the disk', () => {
    expect(part.size).toBe(10);
    expect(
      driveReads(
        part.read([
          { offset: 8, length: 5 },
          { offset: 20, length: 1 },
        ]),
        data,
      ),
    ).toEqual([Uint8Array.of(98, 99), new Uint8Array()]);
  });

  it('fails if all of a piece is required', () => {
    expect([...driveReads(readAt(part, 8, 2), data)]).toEqual([98, 99]);
    expect(() => driveReads(readAt(part, 8, 3), data)).toThrow(expect.objectContaining({ why: 'damaged' }));
    expect(() => driveReads(readAll(part, [{ offset: 9, length: 2 }]), data)).toThrow('the disk ends too soon');
  });
});

import { describe, expect, it } from 'vitest';
import { FlatBlocks, PartOfBlocks } from '../../../../src/disk/blocks/blocks.ts';
import { JoinedBlocks, RefusedBlocks } from '../../../../src/disk/blocks/joined.ts';
import { PagedBlocks } from '../../../../src/disk/blocks/paged.ts';
import { type Span, UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';
import { tellingBytes } from '../../../support/disk/patterns.ts';

const kibibyte = 1024;
const data = tellingBytes(5 * 1024 * kibibyte + 160);
const page = 64 * kibibyte;

describe('pages of a disk', () => {
  const read = (blocks: PagedBlocks, spans: readonly Span[]): { pieces: readonly Uint8Array[]; asked: Span[] } => {
    const asked: Span[] = [];
    const pieces = driveReads(blocks.read(spans), data, (turn) => asked.push(...turn));
    return { pieces, asked };
  };

  it('are read completely, each once', () => {
    const blocks = new PagedBlocks(new FlatBlocks(data.length));
    const spans = [
      { offset: page - 8, length: 16 },
      { offset: 3, length: 0 },
      { offset: 2 * page, length: 2 * page },
      { offset: data.length - 4, length: 10 },
    ];
    const first = read(blocks, spans);
    expect(first.asked.map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 80].map((number) => number * page));
    expect(first.asked.at(-1)?.length).toBe(160);
    for (const [index, { offset, length }] of spans.entries()) {
      const expected = data.subarray(offset, offset + length);
      expect(Buffer.compare(first.pieces[index] ?? new Uint8Array(), expected)).toBe(0);
    }
    expect(read(blocks, spans).asked).toEqual([]);
  });

  it('are cached until 64 others have been used', () => {
    const blocks = new PagedBlocks(new FlatBlocks(data.length));
    const touch = (number: number): number => read(blocks, [{ offset: number * page, length: 1 }]).asked.length;
    for (let number = 0; number < 64; number++) expect(touch(number)).toBe(1);
    expect(touch(0)).toBe(0);
    expect(touch(64)).toBe(1);
    expect(touch(0)).toBe(0);
    expect(touch(1)).toBe(1);
  });
});

describe('pieces of disks, joined', () => {
  const file = new FlatBlocks(data.length);
  const joined = new JoinedBlocks([
    new PartOfBlocks(file, 1000, 100),
    new PartOfBlocks(file, 10, 5),
    new PartOfBlocks(file, 1000, 100),
  ]);
  const expected = Buffer.concat([data.subarray(1000, 1100), data.subarray(10, 15), data.subarray(1000, 1100)]);

  it('are one disk, read in one turn', () => {
    const spans = [
      { offset: 0, length: 500 },
      { offset: 98, length: 10 },
      { offset: 105, length: 1 },
      { offset: 205, length: 1 },
    ];
    let turns = 0;
    const pieces = driveReads(joined.read(spans), data, () => (turns += 1));
    expect(joined.size).toBe(205);
    expect(turns).toBe(1);
    for (const [index, { offset, length }] of spans.entries()) {
      const own = expected.subarray(offset, offset + length);
      expect(Buffer.compare(pieces[index] ?? new Uint8Array(), own)).toBe(0);
    }
  });

  it('are damaged if one of them ends too soon', () => {
    const far = new JoinedBlocks([new FlatBlocks(data.length + 10)]);
    expect(() => driveReads(far.read([{ offset: data.length, length: 5 }]), data)).toThrow('the disk ends too soon');
  });
});

describe('a disk that is known but cannot be read', () => {
  it('throws the reason when it is read', () => {
    const error = new UnreadableError('unsupported', 'it is round');
    const blocks = new RefusedBlocks(7, error);
    expect(blocks.size).toBe(7);
    expect(() => driveReads(blocks.read(), data)).toThrow(error);
  });
});

// A disk in units of four bytes: stored as they are, nowhere, or packed. What is requested of the file is compared, too.
import { describe, expect, it } from 'vitest';
import {
  type Blocks,
  FlatBlocks,
  PartOfBlocks,
  readAll,
  readAt,
  readPieces,
  within,
} from '../../../../src/disk/blocks/blocks.ts';
import { MappedBlocks, type Packed, type Place } from '../../../../src/disk/blocks/mapped.ts';
import { orElse, type Reads, type Span, together, UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { driveReads } from '../../../support/disk/drive-reads.ts';

const file = Buffer.from('0123456789abcdefghijklmnopqrstuvwxyz');
const flat = new FlatBlocks(file.length);

/** Unpacked, its bytes are twice as long. */
const packedAt = (offset: number, skip: number, length = 4): Packed => ({
  span: { offset, length },
  skip,
  most: 8,
  unpack: (bytes) => Buffer.from(Buffer.from(bytes).toString().replaceAll(/./g, '$&$&')),
});

function mapped(places: readonly Place[], size = places.length * 4): Blocks {
  return new MappedBlocks(flat, {
    size,
    unitBytes: 4,
    // oxlint-disable-next-line require-yield -- they are known
    *locate(units) {
      return units.map((unit) => places[unit] ?? 'zeros');
    },
  });
}

function read(blocks: Blocks, ...spans: readonly Span[]): { texts: string[]; asked: Span[][] } {
  const asked: Span[][] = [];
  const pieces = driveReads(blocks.read(spans), file, (turn) => asked.push([...turn]));
  return { texts: pieces.map((piece) => Buffer.from(piece).toString().replaceAll('\0', '.')), asked };
}

describe('a disk in units', () => {
  it('is put together from units that lie anywhere, and requests adjacent ones at once', () => {
    const blocks = mapped([8, 12, 'zeros', 0]);
    expect(read(blocks, { offset: 0, length: 16 })).toEqual({
      texts: ['89abcdef....0123'],
      asked: [
        [
          { offset: 8, length: 8 },
          { offset: 0, length: 4 },
        ],
      ],
    });
    expect(read(blocks, { offset: 2, length: 3 }, { offset: 13, length: 100 }, { offset: 7, length: 0 })).toEqual({
      texts: ['abc', '123', ''],
      asked: [
        [
          { offset: 10, length: 3 },
          { offset: 1, length: 3 },
        ],
      ],
    });
  });

  it('requests nothing where nothing is stored or wanted', () => {
    expect(read(mapped(['zeros', 'zeros']), { offset: 1, length: 6 })).toEqual({ texts: ['......'], asked: [] });
    expect(read(mapped([0]), { offset: 4, length: 6 })).toEqual({ texts: [''], asked: [] });
    expect(read(mapped([0], 3), { offset: 1, length: 6 }).texts).toEqual(['12']);
  });

  it('unpacks once what is packed together, and keeps it', () => {
    const blocks = mapped([packedAt(10, 0), packedAt(10, 4), 20]);
    expect(read(blocks, { offset: 1, length: 10 })).toEqual({
      texts: ['abbccddklm'],
      asked: [
        [
          { offset: 20, length: 3 },
          { offset: 10, length: 4 },
        ],
      ],
    });
    expect(read(blocks, { offset: 6, length: 2 })).toEqual({ texts: ['dd'], asked: [] });
  });

  it('is damaged if the file ends, or if less comes out than there should be', () => {
    const refused = (places: readonly Place[]) => (): unknown => read(mapped(places), { offset: 0, length: 4 });
    expect(refused([33])).toThrow('an offset lies past the end of the image');
    expect(read(mapped([32]), { offset: 0, length: 4 }).texts).toEqual(['wxyz']);
    expect(refused([packedAt(10, 5)])).toThrow('decompressed data is shorter than expected');
    // Packed data may end with the file.
    expect(read(mapped([packedAt(34, 0, 100)]), { offset: 0, length: 4 })).toEqual({
      texts: ['yyzz'],
      asked: [[{ offset: 34, length: 2 }]],
    });
  });
});

describe('bytes of a disk', () => {
  it('are those of a part of it, and none beyond either end', () => {
    const part = new PartOfBlocks(flat, 10, 5);
    expect([part.size, read(part, { offset: 1, length: 9 }, { offset: 7, length: 1 }).texts]).toEqual([
      5,
      ['bcde', ''],
    ]);
    expect([new PartOfBlocks(flat, 30, 9).size, new PartOfBlocks(flat, 40, 9).size]).toEqual([6, 0]);
    expect(within({ offset: 3, length: 9 }, 10)).toEqual({ offset: 3, length: 7 });
    expect(within({ offset: 11, length: 9 }, 10)).toEqual({ offset: 10, length: 0 });
  });

  it('are complete, or the disk is damaged', () => {
    expect(driveReads(readAt(flat, 35, 1), file)).toHaveLength(1);
    expect(() => driveReads(readAt(flat, 35, 2), file)).toThrow('the disk ends too soon');
    const spans = (length: number): Span[] => [
      { offset: 0, length: 1 },
      { offset: 35, length },
    ];
    expect(driveReads(readAll(flat, spans(1)), file)).toHaveLength(2);
    expect(() => driveReads(readAll(flat, spans(2)), file)).toThrow('the disk ends too soon');
  });

  it('are put together from pieces, with zeros between them', () => {
    const pieces = [
      { start: 2, length: 3, offset: 10 },
      { start: 6, length: 2, offset: 20 },
    ];
    const taken = (offset: number, length: number): [string, Span[]] => {
      const asked: Span[] = [];
      const bytes = driveReads(readPieces(flat, pieces, { offset, length }), file, (turn) => asked.push(...turn));
      return [Buffer.from(bytes).toString().replaceAll('\0', '.'), asked];
    };
    expect(taken(0, 9)).toEqual([
      '..abc.kl.',
      [
        { offset: 10, length: 3 },
        { offset: 20, length: 2 },
      ],
    ]);
    expect(taken(3, 2)).toEqual(['bc', [{ offset: 11, length: 2 }]]);
    expect(taken(3, 4)).toEqual([
      'bc.k',
      [
        { offset: 11, length: 2 },
        { offset: 20, length: 1 },
      ],
    ]);
    expect([taken(0, 2), taken(5, 1), taken(8, 2)]).toEqual([
      ['..', []],
      ['.', []],
      ['..', []],
    ]);
  });
});

describe('several readers at once', () => {
  function* reader(...turns: readonly number[]): Reads<string> {
    let text = '';
    for (const offset of turns) text += Buffer.from((yield [{ offset, length: 1 }])[0] ?? []).toString();
    return text;
  }

  it('request together what each of them wants, until each has ended', () => {
    const asked: number[][] = [];
    const results = driveReads(together([reader(1, 2, 3), reader(), reader(10)]), file, (turn) =>
      asked.push(turn.map(({ offset }) => offset)),
    );
    expect([results, asked]).toEqual([
      ['123', '', 'a'],
      [[1, 10], [2], [3]],
    ]);
  });

  it('get a substitute for what is damaged, and for nothing else', () => {
    const failing = function* (error: Error): Reads<string> {
      yield [{ offset: 0, length: 1 }];
      throw error;
    };
    expect(driveReads(orElse('other', failing(new UnreadableError('damaged', 'x'))), file)).toBe('other');
    expect(driveReads(orElse('other', reader(1)), file)).toBe('1');
    expect(() => driveReads(orElse('other', failing(new TypeError('a bug'))), file)).toThrow(TypeError);
  });
});

// Blocks of zstd written bit by bit, with the numbers of RFC 8878.
import { describe, expect, it } from 'vitest';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { BackwardBits } from '../../../../src/disk/compression/bits.ts';
import { readFse } from '../../../../src/disk/compression/fse.ts';
import { decodeHuffman, readHuffman } from '../../../../src/disk/compression/huffman.ts';
import {
  decodeFrame,
  frameLength,
  isSkippable,
  skippableLength,
  startsFrame,
} from '../../../../src/disk/compression/zstd.ts';

const magic = [0x28, 0xb5, 0x2f, 0xfd];

/** Why it is refused; null if it is read. */
function refusal(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof UnreadableError) return error.message;
    throw error;
  }
}

function blockOf(type: number, size: number, body: readonly number[], isLast = true): number[] {
  const head = size * 8 + type * 2 + (isLast ? 1 : 0);
  return [head % 256, Math.floor(head / 256) % 256, Math.floor(head / 65_536), ...body];
}

/** A frame with a single segment, whose size is not checked. */
function frameOf(...blocks: readonly number[][]): Uint8Array {
  return Uint8Array.from([...magic, 0x20, 0, ...blocks.flat()]);
}

function decoded(frame: Uint8Array, most = 200_000): string {
  const output = new Uint8Array(most);
  return Buffer.from(output.subarray(0, decodeFrame(frame, output))).toString('latin1');
}

/** What comes out of one compressed block. */
function unpacked(body: readonly number[], most?: number): string {
  return decoded(frameOf(blockOf(2, body.length, body)), most);
}

/** Bits in the order in which they are read from the end, after the mark. */
function backwards(bits: string): number[] {
  const marked = `1${bits}`;
  const padded = marked.padStart(Math.ceil(marked.length / 8) * 8, '0');
  const bytes = padded.match(/.{8}/g)?.map((byte) => Number.parseInt(byte, 2)) ?? [];
  return bytes.toReversed();
}

const raw = (text: string): number[] => [text.length * 8, ...Buffer.from(text, 'latin1')];

/** Sequences that all have the same codes: those of literals, offsets and matches. */
function sequences(count: number, codes: readonly [number, number, number], bits: string): number[] {
  return [count, 0x54, ...codes, ...backwards(bits)];
}

const binary = (value: number, count: number): string => (count === 0 ? '' : value.toString(2).padStart(count, '0'));

describe('a frame of zstd', () => {
  const body = [...blockOf(0, 2, [0x68, 0x69])];

  it('has a header of up to fourteen bytes, by its flags', () => {
    const headers: readonly (readonly [flags: number, bytes: number])[] = [
      [0x00, 1],
      [0x20, 1],
      [0x40, 3],
      [0x60, 2],
      [0x80, 5],
      [0xa0, 4],
      [0xc0, 9],
      [0xe0, 8],
    ];
    for (const [flags, bytes] of headers) {
      const frame = Uint8Array.from([...magic, flags, ...Array.from({ length: bytes }, () => 0), ...body]);
      expect([flags, decoded(frame), frameLength(frame)]).toEqual([flags, 'hi', frame.length]);
    }
    const summed = Uint8Array.from([...magic, 0x24, 0, ...body, 1, 2, 3, 4]);
    expect([decoded(summed), frameLength(summed)]).toEqual(['hi', summed.length]);
    expect(refusal(() => frameLength(summed.subarray(0, -1)))).toBe('a zstd frame is truncated');
  });

  it.each([
    [8, 'the reserved bit of a zstd frame header is set'],
    [1, 'a zstd frame needs a dictionary'],
    [2, 'a zstd frame needs a dictionary'],
  ])('with the flag %i is refused', (flag, message) => {
    const frame = Uint8Array.from([...magic, 0x20 + flag, 0, ...body]);
    expect([refusal(() => decoded(frame)), refusal(() => frameLength(frame))]).toEqual([message, message]);
  });

  it('has blocks that are plain, repeat a byte, or are compressed', () => {
    const frame = frameOf(
      blockOf(0, 2, [0x61, 0x62], false),
      blockOf(1, 300, [0x63], false),
      blockOf(2, 5, [...raw('xyz'), 0]),
    );
    expect(decoded(frame)).toBe(`ab${'c'.repeat(300)}xyz`);
    expect(frameLength(Buffer.concat([frame, Buffer.alloc(9)]))).toBe(frame.length);
    expect([decoded(frame, 305), refusal(() => decoded(frame, 304))]).toEqual([
      `ab${'c'.repeat(300)}xyz`,
      'decompressed data is longer than expected',
    ]);
    expect(refusal(() => decoded(frame, 301))).toBe('decompressed data is longer than expected');
  });

  it('has no block of more than 128 KiB, of another kind or cut off', () => {
    expect(decoded(frameOf(blockOf(1, 131_072, [0x61])))).toHaveLength(131_072);
    expect(refusal(() => decoded(frameOf(blockOf(1, 131_073, [0x61]))))).toBe('a zstd block is larger than 128 KiB');
    expect(refusal(() => decoded(frameOf(blockOf(3, 1, [0x61]))))).toBe('a zstd block has the reserved type');
    expect(refusal(() => decoded(frameOf(blockOf(0, 2, [0x61]))))).toBe('a zstd frame is truncated');
    expect(refusal(() => decoded(frameOf(blockOf(1, 2, []))))).toBe('a zstd frame is truncated');
  });

  it('is recognised by its first bytes, and so is one that is skipped', () => {
    expect([startsFrame(frameOf()), startsFrame(Uint8Array.from([0x28, 0xb5, 0x2f, 0xfe]))]).toEqual([true, false]);
    const skippable = (first: number, length = 8): Uint8Array =>
      Uint8Array.from([first, 0x2a, 0x4d, 0x18, 1, 2, 0, 0]).subarray(0, length);
    expect([0x4f, 0x50, 0x5f, 0x60].map((first) => isSkippable(skippable(first)))).toEqual([false, true, true, false]);
    expect(isSkippable(skippable(0x50, 7))).toBe(false);
    expect(skippableLength(skippable(0x50))).toBe(8 + 0x0201);
  });
});

describe('literals', () => {
  it('are plain, with their number in five, twelve or twenty bits', () => {
    const text = 'x'.repeat(20);
    const bytes = [...Buffer.from(text)];
    const size = 20;
    expect(unpacked([size * 8, ...bytes, 0])).toBe(text);
    expect(unpacked([(size % 16) * 16 + 4, Math.floor(size / 16), ...bytes, 0])).toBe(text);
    expect(unpacked([(size % 16) * 16 + 12, Math.floor(size / 16), 0, ...bytes, 0])).toBe(text);
    expect(refusal(() => unpacked([21 * 8, ...bytes]))).toBe('the size of zstd literals is out of range');
  });

  it('are one byte again and again', () => {
    expect(unpacked([31 * 8 + 1, 0x61, 0])).toBe('a'.repeat(31));
    expect(unpacked([0x05 + 0xf0, 0xff, 0x61, 0])).toBe('a'.repeat(4095));
    expect(unpacked([0x0d, 0x00, 0x20, 0x61, 0])).toBe('a'.repeat(131_072));
    expect(refusal(() => unpacked([0x1d, 0x00, 0x20, 0x61, 0]))).toBe('the size of zstd literals is out of range');
  });

  it('are coded: the weights of two symbols, then a bit for each', () => {
    // A single weight, 1, for the symbol 0; that of the symbol 1 follows from what is missing.
    const table = [128, 0x10];
    const { table: codes, length } = readHuffman(Uint8Array.from([...table, 99]));
    expect([length, codes]).toEqual([2, { log: 1, symbols: Uint8Array.of(0, 1), bits: Uint8Array.of(1, 1) }]);
    const into = new Uint8Array(5);
    decodeHuffman(codes, Uint8Array.from(backwards('01101')), into);
    expect([...into]).toEqual([0, 1, 1, 0, 1]);
    const stream = (bits: string) => (): void => decodeHuffman(codes, Uint8Array.from(backwards(bits)), into);
    expect(refusal(stream('0110'))).toBe('the literals of a zstd block are truncated');
    expect(refusal(stream('011011'))).toBe('a zstd block has bits left after its literals');
    // In a block: five literals in one stream, three bytes with the table.
    const head = 2 + 5 * 16 + 3 * 16 * 1024;
    const block = [
      head % 256,
      Math.floor(head / 256) % 256,
      Math.floor(head / 65_536),
      ...table,
      ...backwards('01101'),
      0,
    ];
    expect(unpacked(block)).toBe('\0\u0001\u0001\0\u0001');
    expect(refusal(() => unpacked(block.with(0, (head % 256) + 1)))).toBe('zstd literals have no Huffman table');
  });

  it('have codes with as many bits as their weights say', () => {
    // Weights 2, 1 and the remaining 1: one symbol of one bit, two of two bits.
    const { table } = readHuffman(Uint8Array.of(129, 0x21));
    expect(table).toEqual({
      log: 2,
      symbols: Uint8Array.of(1, 2, 0, 0),
      bits: Uint8Array.of(2, 2, 1, 1),
    });
  });

  it.each([
    ['that are cut off', [130, 0x11], 'the Huffman table of a zstd block is truncated'],
    ['without a weight', [128, 0x00], 'the weights of a zstd Huffman table are invalid'],
    ['that are too long', [128, 0xd0], 'the weights of a zstd Huffman table are invalid'],
    ['that nothing completes', [129, 0x31], 'the weights of a zstd Huffman table are incomplete'],
  ])('with codes %s are refused', (_what, bytes, message) => {
    expect(refusal(() => readHuffman(Uint8Array.from(bytes)))).toBe(message);
  });
});

describe('a table of finite state entropy', () => {
  /** As in RFC 8878, 4.1.1: shares of 2^log states, −1 for less than one. */
  function writeFse(log: number, shares: readonly number[]): Uint8Array {
    let bits = binary(log - 5, 4);
    const put = (value: number, count: number): void => {
      bits = binary(value, count) + bits;
    };
    let left = 2 ** log;
    for (let index = 0; index < shares.length; index++) {
      const share = shares[index] ?? 0;
      const count = Math.floor(Math.log2(left + 1)) + 1;
      const narrow = 2 ** count - 1 - (left + 1);
      const value = share + 1;
      if (value < narrow) put(value, count - 1);
      else put(value < 2 ** (count - 1) ? value : value + narrow, count);
      left -= Math.abs(share);
      if (share !== 0) continue;
      let zeros = 0;
      while (shares[index + 1] === 0) [zeros, index] = [zeros + 1, index + 1];
      for (; zeros >= 3; zeros -= 3) put(3, 2);
      put(zeros, 2);
    }
    const padded = bits.padStart(Math.ceil(bits.length / 8) * 8, '0');
    return Uint8Array.from((padded.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)).toReversed());
  }
  const limits = { log: 6, symbols: 12 };

  it.each<[number, readonly number[]]>([
    [5, [32]],
    [5, [16, 16]],
    [5, [1, 31]],
    [5, [20, -1, 0, 10, 1]],
    [5, [0, 0, 0, 0, 0, 0, 0, 31, 1]],
    [6, [30, 0, 0, 0, 0, -1, 33]],
    [6, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 8, -1]],
  ])('of 2^%i states for %j is read', (log, shares) => {
    const bytes = writeFse(log, shares);
    const { table, length } = readFse(Buffer.concat([bytes, Buffer.alloc(3, 0xff)]), limits);
    expect([length, table.log, table.symbols.length]).toEqual([bytes.length, log, 2 ** log]);
    const counts = shares.map((_, symbol) => table.symbols.filter((other) => other === symbol).length);
    expect(counts).toEqual(shares.map((share) => Math.abs(share)));
    // Every state can be reached from each symbol: its bases and bits cover them all, exactly once.
    for (const symbol of shares.keys()) {
      const reached = [...table.symbols.entries()]
        .filter(([, other]) => other === symbol)
        .flatMap(([state]) =>
          Array.from({ length: 2 ** (table.bits[state] ?? 0) }, (_, step) => (table.bases[state] ?? 0) + step),
        );
      if (shares[symbol] === 0) expect(reached).toEqual([]);
      else expect(reached.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 2 ** log }, (_, state) => state));
    }
  });

  it('has the first states that the RFC prints for its standard tables', () => {
    const { table } = readFse(
      writeFse(5, [1, 1, 1, 1, 1, 1, 2, 2, 2, ...Array.from({ length: 15 }, () => 1), -1, -1, -1, -1, -1]),
      {
        log: 8,
        symbols: 32,
      },
    );
    expect([...table.symbols.subarray(0, 8)]).toEqual([0, 6, 9, 15, 21, 3, 7, 12]);
    expect([...table.bits.subarray(0, 8)]).toEqual([5, 4, 5, 5, 5, 5, 4, 5]);
    expect([...table.symbols.subarray(27)]).toEqual([28, 27, 26, 25, 24]);
  });

  it('is refused if it is larger than allowed, or does not end', () => {
    const bytes = writeFse(6, [63, 1]);
    expect(refusal(() => readFse(bytes, limits))).toBeNull();
    expect(refusal(() => readFse(bytes, { ...limits, log: 5 }))).toBe(
      'the accuracy of a zstd FSE table is out of range',
    );
    expect(refusal(() => readFse(bytes, { ...limits, symbols: 2 }))).toBeNull();
    expect(refusal(() => readFse(bytes, { ...limits, symbols: 1 }))).toBe('a zstd FSE table is invalid');
    expect(refusal(() => readFse(bytes.subarray(0, -1), limits))).toBe('a zstd FSE table is invalid');
    const many = writeFse(5, [...Array.from({ length: 12 }, () => 0), 32]);
    expect(refusal(() => readFse(many, limits))).toBe('a zstd FSE table is invalid');
    expect(refusal(() => readFse(many, { ...limits, symbols: 13 }))).toBeNull();
  });
});

describe('sequences', () => {
  it('repeat what came before, at an offset of their own', () => {
    const block = (bits: string): number[] => [...raw('abcd'), ...sequences(1, [4, 2, 0], bits)];
    expect(unpacked(block('00'))).toBe('abcdddd');
    expect(unpacked(block('11'))).toBe('abcdabc');
    expect([unpacked(block('11'), 7), refusal(() => unpacked(block('11'), 6))]).toEqual([
      'abcdabc',
      'decompressed data is longer than expected',
    ]);
    expect(refusal(() => unpacked(block('1')))).toBe('the sequences of a zstd block are truncated');
    expect(refusal(() => unpacked(block('111')))).toBe('a zstd block has bits left after its sequences');
    const far = [...raw('abcd'), ...sequences(1, [4, 3, 0], '000')];
    expect(refusal(() => unpacked(far))).toBe('a zstd match offset is out of range');
    const more = [...raw('abc'), ...sequences(1, [4, 2, 0], '00')];
    expect(refusal(() => unpacked(more))).toBe('the sequences of a zstd block are truncated');
  });

  it('repeat at the previous offsets, which are 1, 4 and 8 at first', () => {
    const text = 'abcdefgh';
    const first = (bits: string, code = 1): string => unpacked([...raw(text), ...sequences(1, [8, code, 0], bits)]);
    expect([first('', 0), first('0'), first('1')]).toEqual([`${text}hhh`, `${text}efg`, `${text}abc`]);
    // Without literals, the second one takes the place of the first, and the first less one that of the third.
    const without = (bits: string, code = 1): string => {
      const start = blockOf(0, 8, [...Buffer.from(text)], false);
      const body = [0, ...sequences(1, [0, code, 0], bits)];
      return decoded(frameOf(start, blockOf(2, body.length, body)));
    };
    expect([without('', 0), without('0')]).toEqual([`${text}efg`, `${text}abc`]);
    expect(refusal(() => without('1'))).toBe('a zstd match offset is out of range');
  });

  it('move the offset that was used to the front', () => {
    const text = 'ABCDEFGHIJKLMNOP';
    const offsets = [4, 1, 8, 4];
    let expected = '';
    for (const [index, offset] of offsets.entries()) {
      expected += text.slice(index * 4, index * 4 + 4);
      for (let count = 0; count < 3; count++) expected += expected.at(-offset) ?? '';
    }
    expect(unpacked([...raw(text), ...sequences(4, [4, 1, 0], '0011')])).toBe(expected);
  });

  it.each([
    [16, 16, 1],
    [17, 18, 1],
    [18, 20, 1],
    [19, 22, 1],
    [20, 24, 2],
    [21, 28, 2],
    [22, 32, 3],
    [23, 40, 3],
    [24, 48, 4],
    [25, 64, 6],
    [26, 128, 7],
    [27, 256, 8],
    [28, 512, 9],
    [29, 1024, 10],
    [30, 2048, 11],
    [31, 4096, 12],
    [32, 8192, 13],
    [33, 16_384, 14],
    [34, 32_768, 15],
    [35, 65_536, 16],
  ])('of the code %i have from %i literals on, by %i bits', (code, least, bits) => {
    for (const extra of [0, 2 ** bits - 1]) {
      const length = least + extra;
      const head = [0x0d + (length % 16) * 16, Math.floor(length / 16) % 256, Math.floor(length / 4096), 0x61];
      const block = [...head, ...sequences(1, [code, 0, 0], binary(extra, bits))];
      expect(refusal(() => unpacked(block))).toBe(length + 3 > 131_072 ? 'a zstd block is larger than 128 KiB' : null);
      if (length + 3 <= 131_072) expect(unpacked(block)).toHaveLength(length + 3);
    }
  });

  it.each([
    [0, 3, 0],
    [31, 34, 0],
    [32, 35, 1],
    [33, 37, 1],
    [34, 39, 1],
    [35, 41, 1],
    [36, 43, 2],
    [37, 47, 2],
    [38, 51, 3],
    [39, 59, 3],
    [40, 67, 4],
    [41, 83, 4],
    [42, 99, 5],
    [43, 131, 7],
    [44, 259, 8],
    [45, 515, 9],
    [46, 1027, 10],
    [47, 2051, 11],
    [48, 4099, 12],
    [49, 8195, 13],
    [50, 16_387, 14],
    [51, 32_771, 15],
    [52, 65_539, 16],
  ])('of the code %i repeat from %i bytes on, by %i bits', (code, least, bits) => {
    for (const extra of [0, 2 ** bits - 1]) {
      const block = [...raw('a'), ...sequences(1, [1, 0, code], binary(extra, bits))];
      const length = least + extra + 1;
      expect(refusal(() => unpacked(block))).toBe(length > 131_072 ? 'a zstd block is larger than 128 KiB' : null);
      if (length <= 131_072) expect(unpacked(block)).toHaveLength(length);
    }
  });

  it('are counted in one to three bytes', () => {
    const body = (head: readonly number[], count: number): [number, number] => {
      const start = blockOf(0, 9, [...Buffer.from('abcdefghi')], false);
      const block = [0, ...head, 0x54, 0, 0, 0, ...backwards('')];
      return [decoded(frameOf(start, blockOf(2, block.length, block))).length, 9 + 3 * count];
    };
    for (const [head, count] of [
      [[127], 127],
      [[128, 128], 128],
      [[129, 1], 257],
      [[254, 255], 32_511],
      [[255, 1, 0], 32_513],
    ] as const) {
      const [length, expected] = body(head, count);
      expect([head, length]).toEqual([head, expected]);
    }
  });

  it.each([
    ['nothing', [...raw('a')], 'a zstd block has no sequences section'],
    ['bits that are reserved', [...raw('a'), 1, 0x55, 0, 0, 0, 1], 'reserved bits of a zstd sequences header are set'],
    [
      'the table of a block that is not there',
      [...raw('a'), 1, 0xd4, 0, 0, 1],
      'zstd sequences have no valid FSE table',
    ],
    [
      'literals of a code that is not known',
      [...raw('a'), 1, 0x54, 36, 0, 0, 1],
      'zstd sequences have no valid FSE table',
    ],
    [
      'offsets of a code that is not known',
      [...raw('a'), 1, 0x54, 0, 32, 0, 1],
      'zstd sequences have no valid FSE table',
    ],
    [
      'matches of a code that is not known',
      [...raw('a'), 1, 0x54, 0, 0, 53, 1],
      'zstd sequences have no valid FSE table',
    ],
    ['offsets of 2^26 bytes', [...raw('a'), 1, 0x54, 1, 26, 0, 1], 'a zstd match offset is out of range'],
    ['bits without an end', [...raw('a'), 1, 0x54, 1, 0, 0, 0], 'a bit stream has no end marker'],
  ])('of %s are refused', (_what, body, message) => {
    expect(refusal(() => unpacked(body))).toBe(message);
  });
});

describe('a stream of bits that is read from its end', () => {
  it('has the bits below the highest one of its last byte', () => {
    for (const [bytes, left] of [
      [[1], 0],
      [[0x80], 7],
      [[0xff], 7],
      [[0xff, 1], 8],
      [[0, 0, 0x10], 20],
    ] as const)
      expect([bytes, new BackwardBits(Uint8Array.from(bytes)).left]).toEqual([bytes, left]);
    expect(new BackwardBits(Uint8Array.of(0xa5, 1)).peek(4)).toBe(0xa);
  });

  it('is refused if its last byte is 0, or there is none', () => {
    for (const bytes of [[], [0], [1, 0]])
      expect(() => new BackwardBits(Uint8Array.from(bytes))).toThrow(UnreadableError);
  });
});

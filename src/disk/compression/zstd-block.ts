// One compressed block of zstd: literals, and sequences that say where they go and what is repeated between them.
// @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1.1.3
import { damaged } from '../blocks/reading.ts';
import { BackwardBits } from './bits.ts';
import { buildFse, constantFse, FseState, type FseTable, readFse } from './fse.ts';
import { decodeHuffman, type HuffmanTable, readHuffman } from './huffman.ts';

/** The most that a block may hold, in bytes. */
export const mostOfBlock = 128 * 1024;

/** The output of a frame, and the state that its blocks pass on. */
export interface FrameState {
  readonly output: Uint8Array;
  /** Bytes written so far. */
  length: number;
  huffman: HuffmanTable | null;
  /** For literal lengths, offsets and match lengths. */
  readonly tables: (FseTable | null)[];
  /** The three most recent offsets, newest first. */
  readonly offsets: [number, number, number];
}

interface Kind {
  readonly standard: FseTable;
  readonly limits: { readonly log: number; readonly symbols: number };
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
const rare = (count: number): number[] => Array.from({ length: count }, () => -1);

/** In the order in which their tables are stored. */
const kinds: readonly Kind[] = [
  {
    standard: buildFse(6, [
      4,
      3,
      ...Array.from({ length: 11 }, () => 2),
      1,
      1,
      1,
      ...Array.from({ length: 9 }, () => 2),
      3,
      2,
      ...ones(5),
      ...rare(4),
    ]),
    limits: { log: 9, symbols: 36 },
  },
  { standard: buildFse(5, [...ones(6), 2, 2, 2, ...ones(15), ...rare(5)]), limits: { log: 8, symbols: 32 } },
  { standard: buildFse(6, [1, 4, 3, 2, 2, 2, 2, 2, 2, ...ones(37), ...rare(7)]), limits: { log: 9, symbols: 53 } },
];

/** What a code stands for: a base, and the number of bits to add. */
interface Code {
  readonly base: number;
  readonly bits: number;
}

function codesFrom(first: number, bits: readonly number[]): readonly Code[] {
  let base = first;
  return bits.map((count) => {
    const code = { base, bits: count };
    base += 2 ** count;
    return code;
  });
}

const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);
const literalCodes = codesFrom(0, [...zeros(16), 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
const matchCodes = codesFrom(3, [...zeros(32), 1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
/** An offset of 2^26 exceeds any output here. */
const mostOffsetBits = 25;

/** Appends the contents of a block to the output. @throws UnreadableError */
export function decodeBlock(block: Uint8Array, state: FrameState): void {
  const { literals, length } = readLiterals(block, state);
  const section = block.subarray(length);
  const { count, tables, start } = readTables(section, state);
  const end = state.length + mostOfBlock;
  const rest = count === 0 ? literals : runSequences(section.subarray(start), { count, tables, literals }, state);
  append(state, rest);
  if (state.length > end) damaged('a zstd block is larger than 128 KiB');
}

function append(state: FrameState, bytes: Uint8Array): void {
  if (state.length + bytes.length > state.output.length) damaged('decompressed data is longer than expected');
  state.output.set(bytes, state.length);
  state.length += bytes.length;
}

interface Literals {
  readonly literals: Uint8Array;
  /** Bytes of the section in the block. */
  readonly length: number;
}

function readLiterals(block: Uint8Array, state: FrameState): Literals {
  const head = block[0] ?? 0;
  const format = (head >> 2) & 3;
  const isPlain = (head & 3) < 2;
  const headBytes = isPlain ? ([1, 2, 1, 3][format] ?? 1) : ([3, 3, 4, 5][format] ?? 3);
  const fields = Buffer.concat([block.subarray(0, headBytes), Buffer.alloc(6)]).readUIntLE(0, 6);
  if (isPlain) return plainLiterals(block, headBytes, Math.floor(fields / (format % 2 === 0 ? 8 : 16)));
  const sizeRange = 2 ** ([10, 10, 14, 18][format] ?? 10);
  const size = Math.floor(fields / 16) % sizeRange;
  const length = headBytes + Math.floor(fields / 16 / sizeRange);
  if (size === 0 || size > mostOfBlock || length > block.length) damaged('the size of zstd literals is out of range');
  let packed = block.subarray(headBytes, length);
  if ((head & 3) === 2) {
    const read = readHuffman(packed);
    state.huffman = read.table;
    packed = packed.subarray(read.length);
  }
  if (state.huffman === null) damaged('zstd literals have no Huffman table');
  const literals = new Uint8Array(size);
  if (format === 0) decodeHuffman(state.huffman, packed, literals);
  else decodeFour(state.huffman, packed, literals);
  return { literals, length };
}

function plainLiterals(block: Uint8Array, start: number, size: number): Literals {
  const isOne = ((block[0] ?? 0) & 3) === 1;
  const length = start + (isOne ? 1 : size);
  if (size > mostOfBlock || length > block.length) damaged('the size of zstd literals is out of range');
  return { literals: isOne ? new Uint8Array(size).fill(block[start] ?? 0) : block.subarray(start, length), length };
}

/** Four streams; the lengths of the first three are stored. */
function decodeFour(table: HuffmanTable, packed: Uint8Array, literals: Uint8Array): void {
  const part = Math.ceil(literals.length / 4);
  if (packed.length < 6 || part * 3 > literals.length) damaged('the size of zstd literals is out of range');
  let start = 6;
  for (let index = 0; index < 4; index++) {
    const size = index < 3 ? (packed[index * 2] ?? 0) + (packed[index * 2 + 1] ?? 0) * 256 : packed.length - start;
    const into = literals.subarray(index * part, index < 3 ? (index + 1) * part : literals.length);
    decodeHuffman(table, packed.subarray(start, start + size), into);
    start += size;
  }
}

interface Tables {
  readonly count: number;
  readonly tables: readonly FseTable[];
  /** Where the sequences begin. */
  readonly start: number;
}

function readTables(section: Uint8Array, state: FrameState): Tables {
  const [first = 0, second = 0, third = 0] = section;
  if (section.length === 0) damaged('a zstd block has no sequences section');
  if (first === 0) return { count: 0, tables: [], start: 1 };
  const headBytes = first < 128 ? 1 : first < 255 ? 2 : 3;
  const count = first < 128 ? first : first < 255 ? (first - 128) * 256 + second : second + third * 256 + 0x7f00;
  const modes = section[headBytes] ?? 0;
  if ((modes & 3) !== 0) damaged('reserved bits of a zstd sequences header are set');
  let start = headBytes + 1;
  const tables = kinds.map(({ standard, limits }, index) => {
    const mode = (modes >> (6 - index * 2)) & 3;
    let table: FseTable | null | undefined = mode === 0 ? standard : state.tables[index];
    if (mode === 1) {
      const symbol = section[start++] ?? 0;
      table = symbol < limits.symbols ? constantFse(symbol) : null;
    } else if (mode === 2) {
      const read = readFse(section.subarray(start), limits);
      table = read.table;
      start += read.length;
    }
    state.tables[index] = table ?? damaged('zstd sequences have no valid FSE table');
    return state.tables[index];
  });
  return { count, tables, start };
}

interface Sequences {
  readonly count: number;
  readonly tables: readonly FseTable[];
  readonly literals: Uint8Array;
}

/** @returns the literals left over */
function runSequences(bytes: Uint8Array, { count, tables, literals }: Sequences, state: FrameState): Uint8Array {
  const bits = new BackwardBits(bytes);
  const [lengths, offsets, matches] = tables.map((table) => new FseState(table, bits));
  if (lengths === undefined || offsets === undefined || matches === undefined)
    return damaged('zstd sequences have too few FSE tables');
  let used = 0;
  for (let index = 0; index < count; index++) {
    if (offsets.symbol > mostOffsetBits) damaged('a zstd match offset is out of range');
    const value = 2 ** offsets.symbol + bits.take(offsets.symbol);
    const match = lengthOf(matchCodes, matches.symbol, bits);
    const literal = lengthOf(literalCodes, lengths.symbol, bits);
    if (index < count - 1) for (const each of [lengths, matches, offsets]) each.advance(bits);
    if (bits.left < 0 || used + literal > literals.length) damaged('the sequences of a zstd block are truncated');
    append(state, literals.subarray(used, used + literal));
    used += literal;
    repeat(state, offsetOf(state.offsets, value, literal === 0), match);
  }
  if (bits.left !== 0) damaged('a zstd block has bits left after its sequences');
  return literals.subarray(used);
}

function lengthOf(codes: readonly Code[], symbol: number, bits: BackwardBits): number {
  const code = codes[symbol];
  return code === undefined ? damaged('a zstd length code is out of range') : code.base + bits.take(code.bits);
}

/** Values up to 3 refer to earlier offsets. */
function offsetOf(last: [number, number, number], value: number, isWithoutLiterals: boolean): number {
  if (value > 3) {
    last.unshift(value - 3);
    last.pop();
    return last[0];
  }
  const index = value - (isWithoutLiterals ? 0 : 1);
  const offset = index === 3 ? last[0] - 1 : (last[index] ?? 0);
  if (index > 0) last.splice(Math.min(index, 2), 1);
  if (index > 0) last.unshift(offset);
  return offset;
}

function repeat(state: FrameState, offset: number, length: number): void {
  const { output } = state;
  const start = state.length;
  if (offset <= 0 || offset > start) damaged('a zstd match offset is out of range');
  if (start + length > output.length) damaged('decompressed data is longer than expected');
  if (offset >= length) output.copyWithin(start, start - offset, start - offset + length);
  else for (let index = 0; index < length; index++) output[start + index] = output[start + index - offset] ?? 0;
  state.length += length;
}

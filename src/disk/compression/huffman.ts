// The Huffman codes of zstd's literals.
// @see https://www.rfc-editor.org/rfc/rfc8878#section-4.2
import { damaged } from '../blocks/reading.ts';
import { BackwardBits, highestBit } from './bits.ts';
import { FseState, readFse } from './fse.ts';

/** For each value of the next `log` bits: the symbol, and how many of those bits are its code. */
export interface HuffmanTable {
  /** 1 to 11. */
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
}

const longestCode = 11;
const mostSymbols = 256;

/**
 * Reads a table from the start of the bytes.
 * @returns the table, and its length in bytes
 * @throws UnreadableError if it is malformed
 */
export function readHuffman(bytes: Uint8Array): { readonly table: HuffmanTable; readonly length: number } {
  const head = bytes[0] ?? 0;
  const isPacked = head < 128;
  const length = 1 + (isPacked ? head : Math.ceil((head - 127) / 2));
  if (length > bytes.length) damaged('the Huffman table of a zstd block is truncated');
  const body = bytes.subarray(1, length);
  const weights = isPacked ? unpackWeights(body) : plainWeights(body, head - 127);
  return { table: buildHuffman(weights), length };
}

function plainWeights(bytes: Uint8Array, count: number): number[] {
  return Array.from({ length: count }, (_, index) => {
    const pair = bytes[index >> 1] ?? 0;
    return index % 2 === 0 ? pair >> 4 : pair & 15;
  });
}

/** Two states alternate until the bits run out. */
function unpackWeights(bytes: Uint8Array): number[] {
  const { table, length } = readFse(bytes, { log: 6, symbols: longestCode + 2 });
  const bits = new BackwardBits(bytes.subarray(length));
  const states = [new FseState(table, bits), new FseState(table, bits)] as const;
  const weights: number[] = [];
  for (let turn = 0; weights.length < mostSymbols; turn++) {
    const [current, other] = turn % 2 === 0 ? states : [states[1], states[0]];
    weights.push(current.symbol);
    current.advance(bits);
    if (bits.left < 0) return [...weights, other.symbol];
  }
  return damaged('a zstd Huffman table has too many weights');
}

/** The last weight is not stored: it follows from the others, since the code must be complete. */
function buildHuffman(written: readonly number[]): HuffmanTable {
  const sum = written.reduce((total, weight) => total + (weight > 0 ? 2 ** (weight - 1) : 0), 0);
  if (sum === 0 || sum >= 1 << longestCode || written.length >= mostSymbols)
    damaged('the weights of a zstd Huffman table are invalid');
  const log = highestBit(sum) + 1;
  const rest = (1 << log) - sum;
  if ((rest & (rest - 1)) !== 0) damaged('the weights of a zstd Huffman table are incomplete');
  const weights = [...written, highestBit(rest) + 1];
  const table = { log, symbols: new Uint8Array(1 << log), bits: new Uint8Array(1 << log) };
  let next = 0;
  for (let weight = 1; weight <= log; weight++) {
    for (const [symbol, own] of weights.entries()) {
      if (own !== weight) continue;
      const end = next + (1 << (weight - 1));
      table.symbols.fill(symbol, next, end);
      table.bits.fill(log + 1 - weight, next, end);
      next = end;
    }
  }
  return table;
}

/** Fills `into` from one stream. @throws UnreadableError if it holds more or less */
export function decodeHuffman({ log, symbols, bits }: HuffmanTable, stream: Uint8Array, into: Uint8Array): void {
  const reader = new BackwardBits(stream);
  for (let index = 0; index < into.length; index++) {
    const code = reader.peek(log);
    into[index] = symbols[code] ?? 0;
    reader.left -= bits[code] ?? 0;
    if (reader.left < 0) damaged('the literals of a zstd block are truncated');
  }
  if (reader.left !== 0) damaged('a zstd block has bits left after its literals');
}

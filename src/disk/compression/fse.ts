// Finite state entropy: the tables with which zstd decodes lengths and offsets of matches, and the weights of Huffman codes.
// @see https://www.rfc-editor.org/rfc/rfc8878#section-4.1
import { damaged } from '../blocks/reading.ts';
import { type BackwardBits, bitsAt, highestBit } from './bits.ts';

/** For each state: its symbol, and the bits to add to a base to get the next state. */
export interface FseTable {
  /** Bits in a state, 0 to 9. */
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** A table that always gives the same symbol. */
export function constantFse(symbol: number): FseTable {
  return { log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) };
}

/** @param shares of each symbol among 2^log states; −1 means one state, for a probability below that */
export function buildFse(log: number, shares: readonly number[]): FseTable {
  const size = 1 << log;
  const table = { log, symbols: new Uint8Array(size), bits: new Uint8Array(size), bases: new Uint16Array(size) };
  const next = shares.map((share) => Math.abs(share));
  let high = size;
  for (const [symbol, share] of shares.entries()) if (share === -1) table.symbols[--high] = symbol;
  const step = (size >> 1) + (size >> 3) + 3;
  let position = 0;
  for (const [symbol, share] of shares.entries()) {
    for (let count = 0; count < share; count++) {
      table.symbols[position] = symbol;
      do position = (position + step) & (size - 1);
      while (position >= high);
    }
  }
  for (let state = 0; state < size; state++) {
    const symbol = table.symbols[state] ?? 0;
    const number = next[symbol] ?? 0;
    next[symbol] = number + 1;
    const bits = log - highestBit(Math.max(1, number));
    table.bits[state] = bits;
    table.bases[state] = (number << bits) - size;
  }
  return table;
}

/**
 * Reads a table from the start of the bytes.
 * @returns the table, and its length in bytes
 * @throws UnreadableError if it is malformed
 */
export function readFse(
  bytes: Uint8Array,
  limits: { readonly log: number; readonly symbols: number },
): { readonly table: FseTable; readonly length: number } {
  const log = bitsAt(bytes, 0, 4) + 5;
  if (log > limits.log) damaged('the accuracy of a zstd FSE table is out of range');
  const shares: number[] = [];
  let position = 4;
  let left = 1 << log;
  while (left > 0 && shares.length < limits.symbols) {
    const count = highestBit(left + 1) + 1;
    const wide = bitsAt(bytes, position, count);
    const narrow = wide & ((1 << (count - 1)) - 1);
    const threshold = (1 << count) - 1 - (left + 1);
    const isNarrow = narrow < threshold;
    position += isNarrow ? count - 1 : count;
    const share = (isNarrow ? narrow : wide > narrow ? wide - threshold : wide) - 1;
    left -= Math.abs(share);
    shares.push(share);
    for (let isOver = share !== 0; !isOver;) {
      const zeros = bitsAt(bytes, position, 2);
      position += 2;
      for (let zero = 0; zero < zeros; zero++) shares.push(0);
      isOver = zeros < 3 || shares.length > limits.symbols;
    }
  }
  const length = Math.ceil(position / 8);
  if (left !== 0 || shares.length > limits.symbols || length > bytes.length) damaged('a zstd FSE table is invalid');
  return { table: buildFse(log, shares), length };
}

/** A state that moves through a table. */
export class FseState {
  readonly #table: FseTable;
  #state: number;

  constructor(table: FseTable, bits: BackwardBits) {
    this.#table = table;
    this.#state = bits.take(table.log);
  }

  get symbol(): number {
    return this.#table.symbols[this.#state] ?? 0;
  }

  advance(bits: BackwardBits): void {
    this.#state = (this.#table.bases[this.#state] ?? 0) + bits.take(this.#table.bits[this.#state] ?? 0);
  }
}

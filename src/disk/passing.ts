// Runs the parsers over bytes that pass by on their way elsewhere: nothing is read twice, and nothing waits.
import { detect } from './detect.ts';
import type { DiskFinding } from './parsing/finding.ts';
import type { Need, Reading, Supply } from './parsing/parser.ts';
import { Tail, Window } from './window.ts';

/** Bytes to examine at a time: anything that can be recognised at all is recognised within this many. */
const stepBytes = 64 * 1024;

/** Sees image data in order, each byte once, and reports at the end what it is. */
export class PassingInspector {
  readonly #size: number | null;
  readonly #looksAtEnd: boolean;
  #reading: Reading<DiskFinding>;
  #need: Need | null = null;
  #finding: DiskFinding | null = null;
  #window = new Window();
  #tail = new Tail();
  #received = 0;
  #isOver = false;

  /** @param size expected bytes; null if unknown */
  constructor(size: number | null, looksAtEnd: boolean) {
    this.#size = size;
    this.#looksAtEnd = looksAtEnd;
    this.#reading = this.#begin();
  }

  update(bytes: Uint8Array): void {
    const offset = this.#received;
    this.#received += bytes.length;
    this.#tail.add(bytes);
    // Bytes are added in steps, so that those the parsers have finished with need not be kept.
    for (let at = 0; at < bytes.length && this.#finding === null && this.#need?.from !== 'end'; at += stepBytes) {
      this.#window.add(bytes.subarray(at, at + stepBytes), offset + at);
      this.#advance();
    }
  }

  /** The data starts over. */
  reset(): void {
    this.#window = new Window();
    this.#tail = new Tail();
    this.#received = 0;
    this.#isOver = false;
    this.#finding = null;
    this.#reading = this.#begin();
  }

  /** The finding. Call once all data has passed. */
  finish(): DiskFinding {
    this.#isOver = true;
    this.#advance();
    if (this.#finding === null) throw new Error('a parser asks for more than there is');
    return this.#finding;
  }

  /** Bytes seen so far. */
  get bytes(): number {
    return this.#received;
  }

  #begin(): Reading<DiskFinding> {
    const received = (): number | null => this.#size ?? (this.#isOver ? this.#received : null);
    const context = {
      get size() {
        return received();
      },
      looksAtEnd: this.#looksAtEnd,
    };
    const reading = detect(context);
    this.#take(reading.next());
    return reading;
  }

  /** Answers needs as long as the bytes for them have arrived. */
  #advance(): void {
    while (this.#need !== null) {
      const supply = this.#supply(this.#need);
      if (supply === undefined) return;
      this.#take(this.#reading.next(supply));
    }
  }

  #take(step: IteratorResult<Need, DiskFinding>): void {
    if (step.done !== true) {
      this.#need = step.value;
      return;
    }
    this.#need = null;
    this.#finding = step.value;
    this.#window = new Window();
  }

  /** Undefined if the bytes have not arrived yet. */
  #supply(need: Need): Supply | undefined {
    if (need.from === 'end') return this.#isOver ? this.#tail.last(need.length) : undefined;
    if (!this.#window.seek(need.offset)) return null;
    if (this.#window.end < need.offset + need.length && !this.#isOver) return undefined;
    return this.#window.slice(need.offset, need.length);
  }
}

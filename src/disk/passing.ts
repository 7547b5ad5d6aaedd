// The same parsers over bytes that pass by on their way somewhere else: nothing is read twice, nothing is waited for.
import { detect } from './detect.ts';
import type { Finding } from './parsing/finding.ts';
import type { Need, Reading, Supply } from './parsing/parser.ts';
import { Tail, Window } from './window.ts';

/** Bytes that are looked at together: what is recognised at all is by its first. */
const stepBytes = 64 * 1024;

/** Sees image data in order, each byte once; tells at the end what it is. */
export class PassingInspector {
  readonly #size: number | null;
  readonly #looksAtEnd: boolean;
  #reading: Reading<Finding>;
  #need: Need | null = null;
  #finding: Finding | null = null;
  #window = new Window();
  #tail = new Tail();
  #received = 0;
  #isOver = false;

  /** @param size bytes there will be; null if nobody knows */
  constructor(size: number | null, looksAtEnd: boolean) {
    this.#size = size;
    this.#looksAtEnd = looksAtEnd;
    this.#reading = this.#begin();
  }

  update(bytes: Uint8Array): void {
    const offset = this.#received;
    this.#received += bytes.length;
    this.#tail.add(bytes);
    // What the parsers are done with before it is looked at need not be kept.
    for (let at = 0; at < bytes.length && this.#finding === null && this.#need?.from !== 'end'; at += stepBytes) {
      this.#window.add(bytes.subarray(at, at + stepBytes), offset + at);
      this.#advance();
    }
  }

  /** All of it comes again from the start. */
  reset(): void {
    this.#window = new Window();
    this.#tail = new Tail();
    this.#received = 0;
    this.#isOver = false;
    this.#finding = null;
    this.#reading = this.#begin();
  }

  /** What it was. To be called when all of it has passed. */
  finish(): Finding {
    this.#isOver = true;
    this.#advance();
    if (this.#finding === null) throw new Error('a parser asks for more than there is');
    return this.#finding;
  }

  /** Bytes that passed. */
  get bytes(): number {
    return this.#received;
  }

  #begin(): Reading<Finding> {
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

  /** Answers needs for as long as they can be answered. */
  #advance(): void {
    while (this.#need !== null) {
      const supply = this.#supply(this.#need);
      if (supply === undefined) return;
      this.#take(this.#reading.next(supply));
    }
  }

  #take(step: IteratorResult<Need, Finding>): void {
    if (step.done !== true) {
      this.#need = step.value;
      return;
    }
    this.#need = null;
    this.#finding = step.value;
    this.#window = new Window();
  }

  /** Undefined as long as it has not come yet. */
  #supply(need: Need): Supply | undefined {
    if (need.from === 'end') return this.#isOver ? this.#tail.last(need.length) : undefined;
    if (!this.#window.seek(need.offset)) return null;
    if (this.#window.end < need.offset + need.length && !this.#isOver) return undefined;
    return this.#window.slice(need.offset, need.length);
  }
}

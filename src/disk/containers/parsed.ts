// Runs the parsers of formats for readers that ask for bytes in another way.
import type { Blocks } from '../blocks/blocks.ts';
import type { Reads } from '../blocks/reading.ts';
import type { Reading } from '../parsing/parser.ts';

/** Runs a parser over blocks. */
export function* parseOver<T>(reading: Reading<T>, blocks: Blocks): Reads<T> {
  let step = reading.next();
  while (step.done !== true) {
    const need = step.value;
    const offset = need.from === 'start' ? need.offset : Math.max(0, blocks.size - need.length);
    const [bytes = new Uint8Array()] = yield* blocks.read([{ offset, length: need.length }]);
    step = reading.next(bytes);
  }
  return step.value;
}

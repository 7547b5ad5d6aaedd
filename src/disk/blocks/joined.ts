// Blocks made of pieces of other blocks, end to end; and blocks that cannot be read.
import { type Blocks, readAt, within } from './blocks.ts';
import { type Reads, type Span, together, type UnreadableError } from './reading.ts';

export class JoinedBlocks implements Blocks {
  readonly #parts: readonly { readonly start: number; readonly blocks: Blocks }[];
  readonly size: number;

  /** @param parts in order */
  constructor(parts: readonly Blocks[]) {
    let size = 0;
    this.#parts = parts.map((blocks) => {
      const start = size;
      size += blocks.size;
      return { start, blocks };
    });
    this.size = size;
  }

  *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
    const pieces = spans.map((span) => this.#cut(within(span, this.size)));
    const read = yield* together(pieces.flat().map(({ blocks, span }) => readAt(blocks, span.offset, span.length)));
    const found = read.values();
    return pieces.map((each) => {
      const bytes = each.map(() => found.next().value ?? new Uint8Array());
      return bytes.length === 1 ? (bytes[0] ?? new Uint8Array()) : Buffer.concat(bytes);
    });
  }

  #cut({ offset, length }: Span): readonly { readonly blocks: Blocks; readonly span: Span }[] {
    return this.#parts.flatMap(({ start, blocks }) => {
      const from = Math.max(0, offset - start);
      const to = Math.min(blocks.size, offset + length - start);
      return to > from ? [{ blocks, span: { offset: from, length: to - from } }] : [];
    });
  }
}

/** Blocks that are known to exist but cannot be read: reading them throws the reason. */
export class RefusedBlocks implements Blocks {
  readonly #error: UnreadableError;
  readonly size: number;

  constructor(size: number, error: UnreadableError) {
    this.size = size;
    this.#error = error;
  }

  // oxlint-disable-next-line require-yield -- it throws before it could ask
  *read(): Reads<readonly Uint8Array[]> {
    throw this.#error;
  }
}

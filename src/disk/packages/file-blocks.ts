// A file of a guest as blocks, for databases with random access.
import type { Blocks } from '../blocks/blocks.ts';
import { damaged, type Reads, type Span, together, unsupported } from '../blocks/reading.ts';
import type { FoundFile } from '../contents/guest-tree.ts';

/** Larger package databases are not read. */
const maxBytes = 2 ** 31;

/** Opens the file. @throws UnreadableError */
export function* openFile({ files, ref }: FoundFile): Reads<Blocks> {
  const { kind, size } = yield* files.stat(ref);
  if (kind !== 'file') damaged('the package database is not a regular file');
  if (size > maxBytes) unsupported('the package database is too large to be read');
  return {
    size,
    *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
      return yield* together(spans.map(({ offset, length }) => files.read(ref, offset, length)));
    },
  };
}

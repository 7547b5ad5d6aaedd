// A file of a guest as blocks, for databases with random access.
import type { Blocks } from '../blocks/blocks.ts';
import { damaged, type Reads, type Span, together, unsupported } from '../blocks/reading.ts';
import type { FoundFile } from '../contents/guest-tree.ts';

/** Larger package databases are not read. */
const maxBytes = 2 ** 31;

/** Opens the file. @throws UnreadableError */
export function* openFile({ files, ref }: FoundFile): Reads<Blocks> {
  const { kind, size } = yield* files.stat(ref);
  if (kind !== 'file') damaged('a database of packages that is no file');
  if (size > maxBytes) unsupported('a database of packages that is larger than is read');
  return {
    size,
    *read(spans: readonly Span[]): Reads<readonly Uint8Array[]> {
      return yield* together(spans.map(({ offset, length }) => files.read(ref, offset, length)));
    },
  };
}

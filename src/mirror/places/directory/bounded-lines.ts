// The lines of a file, read a chunk at a time.
import type { OpenFile } from '../../../transfer/files/file-system.ts';
import { isTooLarge, splitLines, tooLarge } from '../../lines.ts';

const chunkBytes = 256 * 1024;

/** Lines as `splitLines` yields them. @throws as it does; Node's system errors */
export async function* readLines(file: OpenFile, path: string): AsyncGenerator<string> {
  const { size } = await file.stat();
  if (isTooLarge(size)) throw tooLarge(path);
  yield* splitLines(readChunks(file), path);
}

async function* readChunks(file: OpenFile): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.alloc(chunkBytes);
  for (let position = 0; ;) {
    const count = await file.read(buffer, 0, chunkBytes, position);
    if (count === 0) return;
    position += count;
    yield buffer.subarray(0, count);
  }
}

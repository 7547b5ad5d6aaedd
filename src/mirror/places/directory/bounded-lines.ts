// The lines of a file that may be anybody's: as they come, and none longer than it may be.
import type { GlanceError } from '../../../errors.ts';
import type { OpenFile } from '../../../transfer/files/file-system.ts';
import { invalidIndex } from '../../index-file.ts';

/** That an index may have: some hundred for each image. */
const maxBytes = 256 * 1024 * 1024;
/** Of an index: an image takes some hundred bytes, a failure some thousand. */
const maxLineBytes = 64 * 1024;
const chunkBytes = 256 * 1024;

/**
 * Without their ends, which are `\n` or `\r\n`.
 * @param path for messages
 * @throws GlanceError `metadata.invalid` for a longer line, or too many of them; Node's system errors
 */
export async function* readLines(file: OpenFile, path: string): AsyncGenerator<string> {
  const buffer = Buffer.alloc(chunkBytes + maxLineBytes);
  let [kept, position] = [0, 0];
  const { size } = await file.stat();
  for (;;) {
    if (Math.max(size, position) > maxBytes) throw invalidIndex(path, 'it is too large');
    const count = await file.read(buffer, kept, chunkBytes, position);
    position += count;
    const end = kept + count;
    let start = 0;
    for (let next = buffer.indexOf(10); next >= 0 && next < end; next = buffer.indexOf(10, start)) {
      if (next - start > maxLineBytes) throw tooLong(path);
      yield textOf(buffer.subarray(start, next));
      start = next + 1;
    }
    kept = end - start;
    if (kept > maxLineBytes) throw tooLong(path);
    buffer.copyWithin(0, start, end);
    if (count > 0) continue;
    if (kept > 0) yield textOf(buffer.subarray(0, kept));
    return;
  }
}

function tooLong(path: string): GlanceError {
  return invalidIndex(path, `a line is longer than ${String(maxLineBytes)} bytes`);
}

function textOf(line: Buffer): string {
  return line.toString('utf8', 0, line.at(-1) === 13 ? line.length - 1 : line.length);
}

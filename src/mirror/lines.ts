// Splits text that may come from anybody into lines as it arrives, each of bounded length.
import type { GlanceError } from '../errors.ts';
import { invalidIndex } from './index-file.ts';

/** Maximum size of an index: some hundred bytes for each image. */
const maxBytes = 256 * 1024 * 1024;
/** Maximum length of a line in an index: an image takes some hundred bytes, a failure some thousand. */
const maxLineBytes = 64 * 1024;

/**
 * Yields the lines without their ends, which are `\n` or `\r\n`.
 * @param chunks each valid until the next is requested
 * @param path for messages
 * @throws GlanceError `metadata.invalid` for a line or a text that is too long; what the chunks throw
 */
export async function* splitLines(chunks: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<string> {
  // The beginning of a line whose end has not arrived.
  let rest: Buffer = Buffer.alloc(0);
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > maxBytes) throw tooLarge(path);
    const bytes = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let next = bytes.indexOf(10); next >= 0; next = bytes.indexOf(10, start)) {
      if (next - start > maxLineBytes) throw tooLong(path);
      yield textOf(bytes.subarray(start, next));
      start = next + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > maxLineBytes) throw tooLong(path);
  }
  if (rest.length > 0) yield textOf(rest);
}

/** Whether a text of this many bytes would be refused. */
export function isTooLarge(bytes: number): boolean {
  return bytes > maxBytes;
}

/** The error for a text that is too large. */
export function tooLarge(path: string): GlanceError {
  return invalidIndex(path, 'it is too large');
}

function tooLong(path: string): GlanceError {
  return invalidIndex(path, `a line is longer than ${String(maxLineBytes)} bytes`);
}

function textOf(line: Buffer): string {
  return line.toString('utf8', 0, line.at(-1) === 13 ? line.length - 1 : line.length);
}

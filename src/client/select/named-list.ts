// Names of images in a file, or on a stream: one a line.
import type { Readable } from 'node:stream';
import { GlanceError } from '../../errors.ts';
import { decodeText, readNamedFile, readNamedStream, unreadable } from '../../local/named-file.ts';
import { absolutePath } from '../../local/places.ts';

const maxBytes = 4 * 1024 * 1024;
/** A selection holds no more images. */
const maxNames = 10_000;

/**
 * Reads them.
 * @param source the file as it was given, from the working directory; or a stream
 * @param option what it was given by
 * @throws GlanceError `config.invalid` for what cannot be read, is larger than 4 MiB, or no text; `usage.argument` where it names
 * none, or over 10,000; `io.missing` without a working directory; the signal's reason
 */
export async function readImageNames(
  source: string | Readable,
  option: string,
  { cwd, signal }: { readonly cwd: string | null; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const file = typeof source === 'string' ? source : '-';
  let text: string;
  try {
    const bytes =
      typeof source === 'string'
        ? (await readNamedFile(absolutePath(cwd, source), maxBytes, signal)).bytes
        : await readNamedStream(source, maxBytes, signal);
    text = decodeText(bytes);
  } catch (error) {
    signal.throwIfAborted();
    throw unreadable(option, file, error);
  }
  const names = parseImageNames(text);
  if (names.length > maxNames) {
    throw new GlanceError('usage.argument', `${option}: ${file} names over ${String(maxNames)} images`);
  }
  if (names.length > 0) return names;
  throw new GlanceError('usage.argument', `${option}: ${file} names no image`, { hint: 'write one per line' });
}

/** The names: blank lines and those that begin with `#` are none; what encloses a line is no part of it. */
function parseImageNames(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

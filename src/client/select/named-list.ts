// Reads names of images from a file or a stream, one a line.
import type { Readable } from 'node:stream';
import { GlanceError } from '../../errors.ts';
import { decodeText, readNamedFile, readNamedStream, unreadable } from '../../local/named-file.ts';
import { absolutePath } from '../../local/places.ts';

const maxBytes = 4 * 1024 * 1024;
/** The most images that a selection may have. */
const maxNames = 10_000;

/**
 * Reads the names.
 * @param source the file as given, relative to the working directory; or a stream
 * @param option the option that named it
 * @throws GlanceError `config.invalid` if it cannot be read, is larger than 4 MiB, or is not text; `usage.argument` if it
 * has no names, or over 10,000; `io.missing` without a working directory; the signal's reason
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

/** Skips blank lines and those that begin with `#`, and trims the others. */
function parseImageNames(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

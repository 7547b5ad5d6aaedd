// Image data in an object of a bucket, read while it is sent: from the object that was listed, or not at all.
import { GlanceError } from '../../errors.ts';
import type { BucketFiles } from '../../mirror/places/bucket/bucket-files.ts';
import type { ImageBytes } from '../answers/image-bytes.ts';

/** An object as listed. */
interface ListedData {
  /** Path below the mirror. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Without quotes; null if the store sends none. */
  readonly etag: string | null;
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Image data in an object. Each reading is one request to the store for the range that is read. It fails with
 * GlanceErrors `place.*`; if the object has been replaced, before the first byte.
 * @param onChange called if the object has been replaced, before the reader learns of it
 */
export function objectBytes(files: BucketFiles, listed: ListedData, onChange: () => void): ImageBytes {
  return {
    size: listed.size,
    ...(listed.etag !== null && { version: `${listed.etag} ${String(listed.size)}` }),
    open: (start, end, signal = new AbortController().signal) => read(files, listed, { start, end }, signal, onChange),
  };
}

async function* read(
  files: BucketFiles,
  listed: ListedData,
  span: Span,
  signal: AbortSignal,
  onChange: () => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* readListed(files, listed, span, signal, onChange);
  } catch (error) {
    throw toPlaceError(error);
  }
}

async function* readListed(
  files: BucketFiles,
  { file, size, etag }: ListedData,
  { start, end }: Span,
  signal: AbortSignal,
  onChange: () => void,
): AsyncGenerator<Uint8Array> {
  const range = start === 0 && end === size ? null : { first: start, last: end - 1 };
  const found = await files.client.get(files.key(file), range, signal);
  // The headers describe all bytes of the answer: a store never mixes two objects.
  if (found === null || found.etag !== etag || (found.size ?? size) !== size) {
    found?.body.destroy();
    onChange();
    throw changed(file);
  }
  try {
    yield* found.body as AsyncIterable<Uint8Array>;
  } finally {
    found.body.destroy();
  }
}

function changed(file: string): GlanceError {
  return new GlanceError('place.unavailable', `${file} has changed since it was listed`, {
    hint: 'try again: by then the bucket will have been read again',
  });
}

/** Any failure here is trouble with the store. */
function toPlaceError(error: unknown): unknown {
  if (!(error instanceof GlanceError) || error.code.startsWith('place.')) return error;
  return new GlanceError('place.unavailable', error.message, { cause: error });
}

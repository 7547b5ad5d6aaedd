// Decides how to split an image into parts. Pure.
import { GlanceError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';

const mebibyte = 1024 * 1024;

/** S3's minimum, except for the last part of an upload; larger parts would take more memory. */
const leastPartBytes = 8 * mebibyte;
/** Parts up to this size are held in memory and carry their digest; larger ones are streamed. */
const mostBufferedBytes = 16 * mebibyte;
/** The number of parts to aim at, so that it suits stores that accept 1,000 parts or slightly fewer. */
const aimedParts = 900;
/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const mostPartBytes = 5 * 1024 * mebibyte;
const mostObjectBytes = 5 * 1024 * 1024 * mebibyte;

/** How to split an image. */
interface PartSizes {
  /** Bytes of every part but the last. */
  readonly bytes: number;
  /** Whether parts are passed on as they arrive, because they are too large for memory. */
  readonly isStreamed: boolean;
}

/**
 * @param size bytes of the image; null if unknown
 * @param mostParts maximum number of parts of one object that the store accepts
 * @throws GlanceError `place.unsupported` if the image is too large for the store
 */
export function partSizes(size: number | null, mostParts: number): PartSizes {
  if (size === null) return { bytes: mostBufferedBytes, isStreamed: false };
  const most = Math.min(mostObjectBytes, mostParts * mostPartBytes);
  if (size > most) {
    const text = `the image has ${countOf(size, 'byte')}; an object in this bucket has at most ${String(most)}`;
    throw new GlanceError('place.unsupported', text, { hint: 'mirror it to a directory' });
  }
  const needed = Math.ceil(Math.ceil(size / aimedParts) / mebibyte) * mebibyte;
  const bytes = Math.min(Math.max(leastPartBytes, needed), mostPartBytes);
  return { bytes, isStreamed: bytes > mostBufferedBytes };
}

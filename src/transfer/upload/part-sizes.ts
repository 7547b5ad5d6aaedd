// How an image is cut into parts. Pure.
import { GlanceError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';

const mebibyte = 1024 * 1024;

/** S3 takes no smaller ones, but for the last of an upload; of larger ones more memory would be held. */
const leastPartBytes = 8 * mebibyte;
/** Parts up to this are held in memory and carry their digest; larger ones are streamed. */
const mostBufferedBytes = 16 * mebibyte;
/** Aimed at, so that a store that takes 1,000 parts or a little less does too. */
const aimedParts = 900;
/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const mostPartBytes = 5 * 1024 * mebibyte;
const mostObjectBytes = 5 * 1024 * 1024 * mebibyte;

/** How an image is cut. */
export interface PartSizes {
  /** Bytes of every part but the last. */
  readonly bytes: number;
  /** Whether a part is passed on as it comes, for it is too large to be held. */
  readonly isStreamed: boolean;
}

/**
 * @param size bytes of the image; null where nobody knows
 * @param mostParts of one object that the store takes
 * @throws GlanceError `place.unsupported` for an image that the store does not take
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

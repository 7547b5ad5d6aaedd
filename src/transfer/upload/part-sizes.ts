// How an image is cut into parts. Pure.
import { GlanceError } from '../../errors.ts';
import { countOf } from '../../text/count.ts';

const mebibyte = 1024 * 1024;

/** S3 takes no smaller ones, but for the last of an upload; of larger ones more memory would be held. */
const leastPartBytes = 8 * mebibyte;
/** Parts up to this are held in memory and carry their digest; larger ones are streamed. */
const mostBufferedBytes = 16 * mebibyte;
/**
 * No more parts than a store takes: Swift's S3 API 1,000 by default, S3 itself 10,000.
 * @see https://docs.openstack.org/swift/latest/config/proxy_server_config.html max_upload_part_num
 */
const mostParts = 1000;
/** Aimed at, so that a store with a little less than {@link mostParts} does too. */
const aimedParts = 900;
/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const mostPartBytes = 5 * 1024 * mebibyte;
/** Of an object. {@link mostParts} of {@link mostPartBytes} are fewer: the limit of both kinds of stores. */
export const mostObjectBytes = mostParts * mostPartBytes;

/** How an image is cut. */
export interface PartSizes {
  /** Bytes of every part but the last. */
  readonly bytes: number;
  /** Whether a part is passed on as it comes, for it is too large to be held. */
  readonly isStreamed: boolean;
}

/**
 * @param size bytes of the image; null where nobody knows
 * @throws GlanceError `place.unsupported` for an image that no store takes
 */
export function partSizes(size: number | null): PartSizes {
  if (size === null) return { bytes: mostBufferedBytes, isStreamed: false };
  if (size > mostObjectBytes) {
    const text = `the image has ${countOf(size, 'byte')}; an object in a bucket has at most ${String(mostObjectBytes)}`;
    throw new GlanceError('place.unsupported', text, { hint: 'mirror it to a directory' });
  }
  const needed = Math.ceil(Math.ceil(size / aimedParts) / mebibyte) * mebibyte;
  const bytes = Math.min(Math.max(leastPartBytes, needed), mostPartBytes);
  return { bytes, isStreamed: bytes > mostBufferedBytes };
}

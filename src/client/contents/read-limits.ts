// How much is read of an image to look into it.

/** How much may be read of an image. */
export interface ReadLimits {
  readonly bytes: number;
  readonly requests: number;
}

/** Bytes that are read of an image at most, unless told otherwise. */
export const defaultLimitBytes = 16 * 1024 * 1024;
const defaultRequests = 400;

/** The limits for so many bytes, 16 MiB unless told otherwise: more of them take more requests. @param bytes > 0 */
export function readLimits(bytes = defaultLimitBytes): ReadLimits {
  return { bytes, requests: Math.max(defaultRequests, Math.ceil((defaultRequests * bytes) / defaultLimitBytes)) };
}

/** Where packages are listed: databases of rpm have some ten MiB. */
const listing: ReadLimits = { bytes: 256 * 1024 * 1024, requests: 4000 };

/** {@link readLimits} where packages are listed: 256 MiB and 4,000 requests unless told otherwise. @param bytes > 0 */
export function listingLimits(bytes?: number): ReadLimits {
  if (bytes === undefined) return listing;
  return { bytes, requests: Math.max(listing.requests, readLimits(bytes).requests) };
}

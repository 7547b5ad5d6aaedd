// How much of an image to read to find out what is in it.

/** How much of an image may be read. */
export interface ReadLimits {
  readonly bytes: number;
  readonly requests: number;
}

/** Maximum number of bytes to read of an image by default. */
const defaultLimitBytes = 16 * 1024 * 1024;
const defaultRequests = 400;

/** The limits for a number of bytes, by default 16 MiB. More bytes also allow more requests. @param bytes > 0 */
export function readLimits(bytes = defaultLimitBytes): ReadLimits {
  return { bytes, requests: Math.max(defaultRequests, Math.ceil((defaultRequests * bytes) / defaultLimitBytes)) };
}

/** To list packages: databases of rpm take some ten MiB. */
const listing: ReadLimits = { bytes: 256 * 1024 * 1024, requests: 4000 };

/** {@link readLimits} to list packages: by default 256 MiB and 4,000 requests. @param bytes > 0 */
export function listingLimits(bytes?: number): ReadLimits {
  if (bytes === undefined) return listing;
  return { bytes, requests: Math.max(listing.requests, readLimits(bytes).requests) };
}

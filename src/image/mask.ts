// Removes credentials from the locations of an image.
import { maskLocation } from '../http/secrets/redact.ts';
import type { Image } from './image.ts';

/** The image with user, password and query values of its locations replaced by `***`. */
export function maskImage(image: Image): Image {
  const { direct_url, locations } = image;
  if (direct_url === null && locations === null) return image;
  return {
    ...image,
    direct_url: direct_url === null ? null : maskLocation(direct_url),
    // A location's metadata belongs to the store, and can contain anything.
    locations: locations?.map(({ url }) => ({ url: maskLocation(url), metadata: {} })) ?? null,
  };
}

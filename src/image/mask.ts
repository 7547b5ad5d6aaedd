// Images without the credentials that a location can hold.
import { maskLocation } from '../http/secrets/redact.ts';
import type { Image } from './image.ts';

/** The image with user, password and query values of its locations replaced by `***`. */
export function maskImage(image: Image): Image {
  const { direct_url, locations } = image;
  if (direct_url === null && locations === null) return image;
  return {
    ...image,
    direct_url: direct_url === null ? null : maskLocation(direct_url),
    // A location's metadata is a store's own and can hold anything.
    locations: locations?.map(({ url }) => ({ url: maskLocation(url), metadata: {} })) ?? null,
  };
}

// Images without the credentials that a location can hold.
import { maskLocation } from '../http/redact.ts';
import type { Image } from './image.ts';

/** The image with user, password and query values of its direct URL replaced by `***`. */
export function maskImage(image: Image): Image {
  return image.direct_url === null ? image : { ...image, direct_url: maskLocation(image.direct_url) };
}

// Finds the image that a call means, however it was named.
import type { Image } from '../../image/image.ts';
import type { Calls } from '../calls.ts';
import type { Found } from '../find.ts';
import { findWithData } from '../select/wait.ts';
import type { FindOptions } from './call-options.ts';

/**
 * Finds what a text means, or where a known image was found; waits for it if requested.
 * @throws as {@link findWithData}
 */
export async function locate(calls: Calls, image: Image | string, options: FindOptions): Promise<Found> {
  const wanted = typeof image === 'string' ? image : await calls.foundOf(image, options);
  return await findWithData(calls.connection, wanted, { ...options, signal: calls.signalOf(options) });
}

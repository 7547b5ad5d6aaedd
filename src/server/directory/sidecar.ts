// Reads the sidecar beside an image: what it says about the image, within limits.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { parseSidecar } from '../../image/sidecar.ts';
import { recordHash } from '../../mirror/index-file.ts';
import { leastWeight, weigh, withoutStoreData } from '../images/record.ts';
import { isMissing, toCatalogError } from './io-error.ts';
import { openServed, readTextAtMost } from './served-file.ts';

const maxSidecarBytes = 1024 * 1024;

interface Sidecar {
  readonly sidecar: Partial<Image>;
  readonly weight: number;
}

/**
 * Reads a sidecar; empty if there is none.
 * @param listed hash of the record for which a mirror's index vouches, and which must then exist
 */
export async function readSidecar(path: string, listed: string | null): Promise<Sidecar> {
  try {
    const handle = await openServed(path);
    try {
      const text = await readTextAtMost(handle, maxSidecarBytes);
      if (text === null) throw new GlanceError('metadata.invalid', `${path}: too large to be metadata`);
      if (listed !== null && recordHash(text) !== listed)
        throw new GlanceError('metadata.invalid', `${path}: it is not the record that the index lists`);
      // An empty file says nothing: a shell creates one before it writes to it.
      const sidecar = text === '' ? {} : withoutStoreData(parseSidecar(text, path));
      return { sidecar, weight: weigh(sidecar, text.length) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error) && listed === null) return { sidecar: {}, weight: leastWeight };
    throw toCatalogError(error, path);
  }
}

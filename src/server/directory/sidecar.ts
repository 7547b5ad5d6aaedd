// The sidecar beside an image: what is said of the image, and how much of it may be.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { parseSidecar } from '../../image/sidecar.ts';
import { recordHash } from '../../mirror/index-file.ts';
import { isMissing, toCatalogError } from './io-error.ts';
import { openServed, readTextAtMost } from './served-file.ts';

const maxSidecarBytes = 1024 * 1024;
/** Of a file of which nothing is known but what it is. */
const leastWeight = 1024;
/** Of each of a record's texts, beside its letters. */
const itemWeight = 64;

/** Null is no answer where the file gives one. */
export function keepKnown(sidecar: Partial<Image>): Partial<Image> {
  const derivable = new Set(['id', 'size', 'status', 'created_at', 'updated_at']);
  return Object.fromEntries(Object.entries(sidecar).filter(([key, value]) => value !== null || !derivable.has(key)));
}

interface Sidecar {
  readonly sidecar: Partial<Image>;
  readonly weight: number;
}

/**
 * What the sidecar says, which is nothing where there is none.
 * @param listed hash of the record that a mirror's index vouches for, and that has to be there
 */
export async function readSidecar(path: string, listed: string | null): Promise<Sidecar> {
  try {
    const handle = await openServed(path);
    try {
      const text = await readTextAtMost(handle, maxSidecarBytes);
      if (text === null) throw new GlanceError('metadata.invalid', `${path}: too large to be metadata`);
      if (listed !== null && recordHash(text) !== listed)
        throw new GlanceError('metadata.invalid', `${path}: it is not the record that the index lists`);
      // An empty one says nothing: a shell makes it so before anything is written to it.
      const sidecar = text === '' ? {} : withoutStoreData(parseSidecar(text, path));
      return { sidecar, weight: leastWeight + text.length + itemWeight * countItems(sidecar) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isMissing(error) && listed === null) return { sidecar: {}, weight: leastWeight };
    throw toCatalogError(error, path);
  }
}

/** A location's metadata is a store's own, is shown to nobody, and can be anything. */
function withoutStoreData(sidecar: Partial<Image>): Partial<Image> {
  const { locations } = sidecar;
  if (locations === undefined || locations === null) return sidecar;
  return { ...sidecar, locations: locations.map(({ url }) => ({ url, metadata: {} })) };
}

function countItems({ tags, locations, stores, properties }: Partial<Image>): number {
  const lists = [tags, locations, stores, Object.keys(properties ?? {})];
  return lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
}

// The catalog of a place, whichever kind of place it is.
import type { Connection } from '../../client/connection.ts';
import type { StoreOptions } from '../../client/places/open-store.ts';
import type { PlaceName } from '../../client/places/place-name.ts';
import type { Catalog } from '../images/catalog.ts';

/** A catalog, until it is closed. */
export interface OpenCatalog {
  readonly catalog: Catalog;
  /** Resolves when no image is waiting for its digests. Never rejects. */
  readonly digested: () => Promise<void>;
  /** Stops all work on it, and keeps what was computed. */
  readonly close: () => Promise<void>;
}

/**
 * Looks at a place for the first time. Images that cannot be offered are left out with a warning of the connection.
 * @param signal ends looking, now and later
 * @throws GlanceError `io.*`, `place.*`; `metadata.invalid` for the invalid index of a mirror; what reaching a store fails with;
 * the signal's reason
 */
export async function openCatalog(
  connection: Connection,
  { kind, name }: PlaceName,
  options: StoreOptions,
  signal: AbortSignal,
): Promise<OpenCatalog> {
  const { clock } = connection.system;
  const world = { clock, signal, warn: (message: string): void => connection.warn(message) };
  if (kind === 'directory') {
    const { LiveCatalog } = await import('../directory/live-catalog.ts');
    const catalog = await LiveCatalog.open(name, world);
    return { catalog, digested: () => catalog.digested(), close: () => catalog.close() };
  }
  const [{ BucketCatalog }, { openBucketFiles }] = await Promise.all([
    import('../bucket/bucket-catalog.ts'),
    import('../../client/places/open-place.ts'),
  ]);
  const files = await openBucketFiles(name, connection, options, signal);
  const catalog = await BucketCatalog.open(files, name, world);
  // Its digests are those of the index.
  return { catalog, digested: () => Promise.resolve(), close: () => catalog.close() };
}

// The catalog of a directory once all digests are known.
import { type Catalog, makeCatalog } from '../../src/server/images/catalog.ts';
import { LiveCatalog } from '../../src/server/directory/live-catalog.ts';
import { ManualClock } from './manual-clock.ts';

/** @param warnings receives the warnings. @throws whatever opening throws */
export async function loadCatalog(directory: string, signal?: AbortSignal, warnings: string[] = []): Promise<Catalog> {
  const warn = (message: string): void => void warnings.push(message);
  const live = await LiveCatalog.open(directory, { clock: new ManualClock(), warn, signal });
  try {
    await live.digested();
    return makeCatalog(live.images);
  } finally {
    await live.close();
  }
}

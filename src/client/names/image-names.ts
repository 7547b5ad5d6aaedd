// Names of images for somebody who waits in the middle of a line: kept ones, or what a Glance tells at once. Silent, bounded.
import { sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { OnOdd } from '../../image/odd-record.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Connection } from '../connection.ts';
import type { System } from '../system.ts';
import type { KeptNames, NamedImage } from './kept-names.ts';

/** A person waits no longer for a list. */
const deadlineMs = 1500;
/** Small, so that some of a long list is there in time. */
const pageSize = 250;
const maxFetched = 1000;

/** How to ask a Glance. */
export interface NameSource {
  readonly system: System;
  /** Makes the connection, one that never logs in; what it does has to end with the signal. */
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
  /** Filters, in place of all images; these names are not kept. Absent: all. */
  readonly query?: ListQuery | undefined;
  /** Ends everything. */
  readonly signal: AbortSignal;
}

/**
 * Names and ids: those that were kept, while they are fresh; else from the Glance, if it answers in time.
 * @param kept null: nothing is kept
 */
export async function findNames(kept: KeptNames | null, source: NameSource): Promise<readonly NamedImage[]> {
  if (source.query !== undefined) return (await fetchNames(source)).images;
  const known = kept?.read() ?? null;
  if (known?.isFresh === true) return known.images;
  const { images, outcome } = await fetchNames(source);
  const found = outcome === 'all' || images.length > 0 ? images : (known?.images ?? []);
  // What does not answer is not asked again for a minute; a login may come any moment.
  if (outcome !== 'refused') await kept?.write(found);
  return found;
}

interface Fetched {
  readonly images: readonly NamedImage[];
  /** `refused`: there was nobody to ask, or no leave to; `some`: it took too long, or broke. */
  readonly outcome: 'all' | 'some' | 'refused';
}

/** The newest ones, as far as they come in time. */
async function fetchNames({ system, connect, query: filters, signal: interruption }: NameSource): Promise<Fetched> {
  const late = new AbortController();
  const done = new AbortController();
  sleep(system.clock, deadlineMs, done.signal).then(
    () => late.abort(),
    () => undefined,
  );
  const signal = AbortSignal.any([interruption, late.signal]);
  const connection = await connect(signal);
  const images: NamedImage[] = [];
  try {
    const query = {
      ...filters,
      limit: maxFetched,
      pageSize,
      sort: [{ key: 'created_at', direction: 'desc' }],
    } as const;
    const onOdd: OnOdd = ({ image }) => void (image.id === '' || images.push(image));
    for await (const page of (await connection.service()).list(query, signal, onOdd)) images.push(...page);
    return { images, outcome: 'all' };
  } catch (error) {
    const isRefused = error instanceof GlanceError && /^(?:auth|config|cloud)\./.test(error.code);
    return { images, outcome: isRefused ? 'refused' : 'some' };
  } finally {
    done.abort();
    await connection.close();
  }
}

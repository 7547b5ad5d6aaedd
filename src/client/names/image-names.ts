// Names of images for completion: kept ones, or what a Glance answers quickly. Silent and bounded.
import { sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { OnOdd } from '../../image/odd-record.ts';
import type { ListQuery } from '../../image/service.ts';
import type { Connection } from '../connection.ts';
import type { System } from '../system.ts';
import type { KeptNames, NamedImage } from './kept-names.ts';

/** Nobody waits longer for a completion. */
const deadlineMs = 1500;
/** Small, so that part of a long list arrives in time. */
const pageSize = 250;
const maxFetched = 1000;

/** How to query a Glance. */
interface NameSource {
  readonly system: System;
  /** Creates a connection that never logs in. Its requests must end with the signal. */
  readonly connect: (signal: AbortSignal) => Promise<Connection>;
  /** Filters, to search instead of listing all images; their results are not kept. Absent: all images. */
  readonly query?: ListQuery | undefined;
  /** Aborts everything. */
  readonly signal: AbortSignal;
}

/**
 * Names and ids: kept ones while they are fresh, otherwise from the Glance, if it answers in time.
 * @param kept null: nothing is kept
 */
export async function findNames(kept: KeptNames | null, source: NameSource): Promise<readonly NamedImage[]> {
  if (source.query !== undefined) return (await fetchNames(source)).images;
  const known = kept?.read() ?? null;
  if (known?.isFresh === true) return known.images;
  const { images, outcome } = await fetchNames(source);
  const found = outcome === 'all' || images.length > 0 ? images : (known?.images ?? []);
  // A Glance that does not answer is left alone for a minute. After a refusal it is not, since the user may log in at
  // any moment.
  if (outcome !== 'refused') await kept?.write(found);
  return found;
}

interface Fetched {
  readonly images: readonly NamedImage[];
  /** `refused`: there was no Glance to ask, or it refused; `some`: it took too long, or failed midway. */
  readonly outcome: 'all' | 'some' | 'refused';
}

/** The newest images, as far as they arrive in time. */
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

// Waiting for images that are being made, until their data is there.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { hasDataToCome, isGone, noDataError } from '../../image/no-data.ts';
import type { Connection } from '../connection.ts';
import { bearing, findImage, type FindOptions, type Found } from '../find.ts';
import { addressOf, type Missed, ownFailure, picksOf, type Selected, type Selection } from './selection.ts';
import { checkEnds, shareWork } from './shared-work.ts';

/** Whether and how long images are waited for. */
export interface WaitOptions {
  /** Milliseconds that all of a call's images may take, > 0. Absent: none is waited for. */
  readonly waitMs?: number | undefined;
  /** Told once of each image that is waited for. Must not throw. */
  readonly onWait?: ((image: Image) => void) | undefined;
}

const firstPauseMs = 2000;
const longestPauseMs = 30_000;
/** How much longer each pause is than the one before. */
const growth = 1.5;

export class Waiting {
  readonly #connection: Connection;
  readonly #options: WaitOptions & Pick<FindOptions, 'strict'>;
  /** When it is given up, as the clock counts. */
  readonly #until: number;

  /** Time begins to run. */
  constructor(connection: Connection, options: WaitOptions & Pick<FindOptions, 'strict'>) {
    this.#connection = connection;
    this.#options = options;
    this.#until = this.#clock.monotonic() + (options.waitMs ?? 0);
  }

  /**
   * The image once it has data, looked at ever more seldom; as it is, where nothing is to be waited for.
   * @throws GlanceError `wait.timeout`; `image.no_data` if there will never be any; `image.not_found` if it is gone;
   * `integrity.pin`; what asking fails with; the signal's reason
   */
  async for(found: Found, signal: AbortSignal): Promise<Found> {
    const { waitMs, onWait } = this.#options;
    if (waitMs === undefined) return found;
    let { image } = found;
    if (hasDataToCome(image)) onWait?.(image);
    for (let pauseMs = firstPauseMs; hasDataToCome(image); pauseMs = Math.min(pauseMs * growth, longestPauseMs)) {
      const leftMs = this.#until - this.#clock.monotonic();
      if (leftMs <= 0) throw timeUp(image, waitMs);
      await sleep(this.#clock, Math.min(pauseMs, leftMs), signal);
      image = await this.#look(found, signal);
    }
    if (isGone(image)) throw noDataError(image, null);
    for (const pin of found.pins) pin.check(image);
    return { ...found, image };
  }

  get #clock(): Clock {
    return this.#connection.system.clock;
  }

  async #look({ image, service }: Found, signal: AbortSignal): Promise<Image> {
    try {
      return await service.get(image.id, signal).catch(bearing(this.#connection, this.#options));
    } catch (error) {
      if (!(error instanceof GlanceError) || error.code !== 'image.not_found') throw error;
      const text = `image ${nameOf(image)} is gone: it was deleted during the wait`;
      throw new GlanceError('image.not_found', text, { ...error.facts, image: image.id, cause: error });
    }
  }
}

/**
 * {@link findImage}, or one that was found, waited for where that is wanted.
 * @throws what {@link findImage} and {@link Waiting.for} throw
 */
export async function findWithData(
  connection: Connection,
  wanted: string | Found,
  options: FindOptions & WaitOptions,
): Promise<Found> {
  const { signal = connection.signal } = options;
  const waiting = new Waiting(connection, options);
  return await waiting.for(typeof wanted === 'string' ? await findImage(connection, wanted, options) : wanted, signal);
}

/** What is said of an image that is waited for. */
export function describeWait(image: Image): string {
  return `waiting for image ${nameOf(image)}: its status is ${image.status ?? 'unknown'}`;
}

function nameOf({ id, name }: Image): string {
  return name === null ? id : `"${name}" (${id})`;
}

function timeUp(image: Image, waitMs: number): GlanceError {
  const text = `image ${nameOf(image)} is still ${image.status ?? 'without data'} after ${String(waitMs / 1000)} s`;
  return new GlanceError('wait.timeout', text, {
    image: image.id,
    hint: 'run the same command again, or wait longer: `waitMs`',
  });
}

/**
 * A selection once all its images have data, some waited for at a time, each once whatever it was called.
 * @returns with what each that has none fails with in its place
 * @throws what is no GlanceError; the interruption's reason
 */
export async function waitForAll(
  { choices }: Selection,
  waiting: Waiting,
  jobs: number,
  { signal, interruption }: { readonly signal: AbortSignal; readonly interruption: AbortSignal },
): Promise<Selection> {
  const waited = new Map<string, Image | Missed>();
  const ends = await shareWork(
    picksOf({ choices }),
    () => jobs,
    async (pick) => {
      if (pick.error !== null) return;
      try {
        waited.set(addressOf(pick), (await waiting.for(pick.found, signal)).image);
      } catch (error) {
        waited.set(addressOf(pick), { query: pick.query, found: null, error: ownFailure(error, interruption) });
      }
    },
  );
  checkEnds(ends, interruption);
  const now = (pick: Selected): Selected => {
    const end = waited.get(addressOf(pick));
    if (end === undefined || pick.error !== null) return pick;
    return 'error' in end ? end : { ...pick, found: { ...pick.found, image: end } };
  };
  return { choices: choices.map((choice) => ({ ...choice, picks: choice.picks.map(now) })) };
}

// Waits until images that are being created have data.
import { type Clock, sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { hasDataToCome, isGone, noDataError } from '../../image/no-data.ts';
import type { Connection } from '../connection.ts';
import { bearing, findImage, type FindImageOptions, type Found } from '../find.ts';
import { addressOf, type Missed, ownFailure, picksOf, type Selected, type Selection } from './selection.ts';
import { checkEnds, shareWork } from './shared-work.ts';

/** Whether and how long to wait for images. */
export interface WaitOptions {
  /** Milliseconds for all images of a call together, > 0. Absent: no waiting. */
  readonly waitMs?: number | undefined;
  /** Called once for each image that has to be waited for. Must not throw. */
  readonly onWait?: ((image: Image) => void) | undefined;
}

const firstPauseMs = 2000;
const longestPauseMs = 30_000;
/** Factor by which each pause is longer than the one before. */
const growth = 1.5;

export class Waiting {
  readonly #connection: Connection;
  readonly #options: WaitOptions & Pick<FindImageOptions, 'strict'>;
  /** When to give up, by our clock. */
  readonly #until: number;

  /** Starts the clock. */
  constructor(connection: Connection, options: WaitOptions & Pick<FindImageOptions, 'strict'>) {
    this.#connection = connection;
    this.#options = options;
    this.#until = this.#clock.monotonic() + (options.waitMs ?? 0);
  }

  /**
   * Returns the image once it has data, polling less and less often; or as it is, if no waiting was asked for.
   * @throws GlanceError `wait.timeout`; `image.no_data` if it will never have any; `image.not_found` if it is gone;
   * `integrity.pin`; a request's failure; the signal's reason
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
 * {@link findImage}, or an image found earlier, then waits for its data if that was asked for.
 * @throws what {@link findImage} and {@link Waiting.for} throw
 */
export async function findWithData(
  connection: Connection,
  wanted: string | Found,
  options: FindImageOptions & WaitOptions,
): Promise<Found> {
  const { signal = connection.signal } = options;
  const waiting = new Waiting(connection, options);
  return await waiting.for(typeof wanted === 'string' ? await findImage(connection, wanted, options) : wanted, signal);
}

/** The message about an image that has to be waited for. */
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
 * Waits for all images of a selection, some at a time, each one once whatever it was called.
 * @returns the selection, with a failure in place of each image that has no data
 * @throws anything but a GlanceError; the interruption's reason
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

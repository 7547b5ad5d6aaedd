// How fast a fleet is, and when it will be done.
import { type Clock, toSeconds } from '../../clock.ts';
import { RateMeter } from '../../transfer/flow/rate-meter.ts';
import type { FleetStatus } from './fleet-event.ts';

/** What is counted. */
type Amounts = Omit<FleetStatus, keyof Pace>;
type Pace = Pick<FleetStatus, 'bytes_per_second' | 'seconds_left'>;

/** Time after which a measurement has lost two thirds of its weight. An estimate must not jump, so it remembers longer. */
const rateMemoryMs = 5000;
const leftMemoryMs = 20_000;

export class FleetPace {
  readonly #rate: RateMeter;
  readonly #steadyRate: RateMeter;
  readonly #images: RateMeter;

  constructor(clock: Clock) {
    this.#rate = new RateMeter(clock, rateMemoryMs);
    this.#steadyRate = new RateMeter(clock, leftMemoryMs);
    this.#images = new RateMeter(clock, leftMemoryMs);
  }

  /** Takes the amounts so far. */
  note({ images, finished, failed, bytes, total }: Amounts): Pace {
    this.#rate.note(bytes);
    this.#steadyRate.note(bytes);
    this.#images.note(finished + failed);
    const { perSecond } = this.#rate;
    // Without a total of bytes, images are counted.
    const [rest, rate] =
      total === null
        ? [images - finished - failed, this.#images.perSecond]
        : [total - bytes, this.#steadyRate.perSecond];
    return {
      bytes_per_second: perSecond === null ? null : Math.round(perSecond),
      seconds_left: rate === null || rate <= 0 ? null : toSeconds((Math.max(0, rest) * 1000) / rate),
    };
  }
}

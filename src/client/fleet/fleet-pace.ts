// How fast a fleet is, and when it will be done.
import { type Clock, toSeconds } from '../../clock.ts';
import { RateMeter, SpeedMeter, steadyMemoryMs } from '../../transfer/flow/rate-meter.ts';
import type { FleetStatus } from './fleet-event.ts';

/** What is counted. */
type Amounts = Omit<FleetStatus, keyof Pace>;
type Pace = Pick<FleetStatus, 'bytes_per_second' | 'seconds_left'>;

export class FleetPace {
  readonly #bytes: SpeedMeter;
  readonly #images: RateMeter;

  constructor(clock: Clock) {
    this.#bytes = new SpeedMeter(clock);
    this.#images = new RateMeter(clock, steadyMemoryMs);
  }

  /** Takes the amounts so far. */
  note({ images, finished, failed, bytes, total }: Amounts): Pace {
    this.#bytes.note(bytes);
    this.#images.note(finished + failed);
    const { bytesPerSecond, steadyRate } = this.#bytes.current;
    // Without a total of bytes, images are counted.
    const [rest, rate] =
      total === null ? [images - finished - failed, this.#images.perSecond] : [total - bytes, steadyRate];
    return {
      bytes_per_second: bytesPerSecond === null ? null : Math.round(bytesPerSecond),
      seconds_left: rate === null || rate <= 0 ? null : toSeconds((Math.max(0, rest) * 1000) / rate),
    };
  }
}

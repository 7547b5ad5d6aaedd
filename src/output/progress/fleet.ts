// Progress of many machines that share work: its events, its speed, and the lines about it.
import type { FleetStatus } from '../../client/fleet/fleet-event.ts';
import type { FleetMirrorEvent } from '../../client/fleet/fleet-mirror.ts';
import type { FleetVerifyEvent } from '../../client/fleet/fleet-verify.ts';
import type { Clock } from '../../clock.ts';
import { countOf } from '../../text/count.ts';
import { escapeControls } from '../../text/escape.ts';
import { formatDuration } from '../size.ts';
import type { Style } from '../style.ts';
import { cautiousRuler } from '../width.ts';
import { barLines, type BarState } from './bar-line.ts';
import { RateMeter, steadyMemoryMs } from '../../transfer/flow/rate-meter.ts';
import { Speed } from './transfer-state.ts';

/** Whatever happens in a fleet. */
type AnyEvent = FleetMirrorEvent | FleetVerifyEvent;

/** Takes events in order, and shows those that are about progress. */
export type FleetListener = (event: AnyEvent) => void;

/** How fast a fleet is. */
export class FleetSpeed {
  readonly #clock: Clock;
  readonly #all: Speed;
  readonly #images: RateMeter;
  readonly #workers = new Map<string, Speed>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#all = new Speed(clock);
    this.#images = new RateMeter(clock, steadyMemoryMs);
  }

  note({ bytes, finished, failed, by_worker }: FleetStatus): void {
    this.#all.note(bytes);
    this.#images.note(finished + failed);
    for (const { worker, bytes: moved } of by_worker) {
      const speed = this.#workers.get(worker) ?? new Speed(this.#clock);
      this.#workers.set(worker, speed);
      speed.note(moved);
    }
  }

  get all(): ReturnType<typeof rateOf> {
    return rateOf(this.#all);
  }

  ofWorker(worker: string): ReturnType<typeof rateOf> {
    return rateOf(this.#workers.get(worker));
  }

  /** Images per second; null if not known yet. */
  get images(): number | null {
    return this.#images.perSecond;
  }
}

function rateOf(speed: Speed | undefined): Pick<BarState, 'bytesPerSecond' | 'steadyRate'> {
  return speed?.current ?? { bytesPerSecond: null, steadyRate: null };
}

/** `3 of 10 done, 1 failed` */
function describeAmount({ images, finished, failed }: FleetStatus): string {
  return `${String(finished)} of ${String(images)} done${failed === 0 ? '' : `, ${String(failed)} failed`}`;
}

/** `3 of 10 done, 1 failed, 4 workers` */
export function describeFleet(amounts: FleetStatus): string {
  const { workers } = amounts;
  const listening = workers === null ? '' : `, ${workers === 0 ? 'no worker yet' : countOf(workers, 'worker')}`;
  return describeAmount(amounts) + listening;
}

/** An event that people should know about even if they are not watching; null for others. Safe for a terminal. */
export function describeLoss(event: AnyEvent): string | null {
  if (event.event !== 'lost') return null;
  const { image, worker } = event;
  return escapeControls(`${image}: ${worker ?? 'a worker'} lost it; another worker takes over`);
}

/** Whether images are not read completely, so that there are no bytes to count. */
export function isByImages({ bytes, total }: FleetStatus): boolean {
  return total === null && bytes === 0;
}

/**
 * The lines about a fleet, each of at most `cells` cells: one for each busy worker, and one for the whole.
 * @param most how many lines to show at most
 */
export function fleetLines(
  amounts: FleetStatus,
  speed: FleetSpeed,
  cells: number,
  most: number,
  style: Style,
): readonly string[] {
  const busy = amounts.by_worker.filter(({ jobs }) => jobs > 0).slice(0, Math.max(0, most - 2));
  const names = busy.map(
    ({ worker, jobs, finished }) => `${escapeControls(worker)}: ${String(jobs)} at once, ${String(finished)} done`,
  );
  const lonely = amounts.workers === 0 ? [cautiousRuler.cut('no worker is connected to the queue', cells)] : [];
  if (isByImages(amounts)) {
    const { seconds_left: left } = amounts;
    const rate = speed.images === null ? [] : [`${speed.images.toFixed(1)} a second`];
    const all = [describeAmount(amounts), ...rate, ...(left === null ? [] : [`${formatDuration(left)} left`])];
    return [...[...names, all.join('  ')].map((line) => cautiousRuler.cut(line, cells)), ...lonely];
  }
  const states = busy.map(({ worker, bytes }, index): BarState => ({
    name: names[index] ?? '',
    bytes,
    kept: 0,
    total: null,
    phase: null,
    ...speed.ofWorker(worker),
  }));
  const { bytes, total } = amounts;
  const all: BarState = { name: describeAmount(amounts), bytes, kept: 0, total, phase: null, ...speed.all };
  return [...barLines([...states, all], cells, style), ...lonely];
}

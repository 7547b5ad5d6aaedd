// Progress without redrawing: a line now and then, and none for transfers that are soon done.
import { countOf } from '../../text/count.ts';
import type { FleetStatus } from '../../client/fleet/fleet-event.ts';
import type { TransferEvent } from '../../transfer/flow/events.ts';
import { type BarState, shareOf } from './bar-line.ts';
import { Several, type SeveralCount } from './several.ts';
import { describeFleet, describeLoss, isByImages } from './fleet.ts';
import { type Progress, type ProgressOptions, Turns } from './consumer.ts';
import { formatBytes, formatRate } from '../size.ts';
import { TransferState } from './transfer-state.ts';

/** Milliseconds between lines: short enough to show that something happens, long enough for a log. */
const intervalMs = 10_000;

/** What a line shows. */
type Amounts = Pick<BarState, 'name' | 'bytes' | 'kept' | 'total' | 'phase'>;

/** Plain lines. Others report the result. */
export function plainProgress(options: ProgressOptions): Progress {
  const single = new TransferState(options.clock);
  const lines = new Lines(options);
  return {
    listen: (event) => {
      single.take(event);
      lines.follow(event, null, single.state);
    },
    several: () => {
      const several = new Several(({ name }, event) =>
        lines.follow(event, name, { ...several.count, name: describeCount(several.count), phase: null }),
      );
      return { member: (name, size) => several.member(name, size) };
    },
    fleet: () => (event) => {
      const line = describeLoss(event);
      if (line !== null) options.stream.write(`${line}\n`);
      if (event.event === 'fleet') lines.followFleet(event);
    },
    stop: () => undefined,
  };
}

/** `3 of 10 images`, `3 of 10 images, 1 failed` */
function describeCount({ images, finished, failed }: SeveralCount): string {
  return `${String(finished)} of ${countOf(images, 'image')}${failed > 0 ? `, ${String(failed)} failed` : ''}`;
}

/** Decides when to print a line. */
class Lines {
  readonly #options: ProgressOptions;
  readonly #turns: Turns;
  #toldAt: number | null = null;
  /** Bytes fetched before the previous line; null if not known yet. */
  #fetchedThen: number | null = null;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#turns = new Turns(options.clock);
  }

  follow(event: TransferEvent, name: string | null, amounts: Amounts): void {
    const { stream, clock } = this.#options;
    const now = clock.monotonic();
    const turn = this.#turns.describe(event, name);
    if (turn !== null) {
      stream.write(`${turn}\n`);
      if (name === null) this.#fetchedThen = null;
    }
    // The first line comes an interval after the start: of the transfer, or of the first of several.
    if (this.#toldAt === null || (event.event === 'start' && name === null)) this.#toldAt = now;
    if (event.event !== 'progress' && event.event !== 'check' && event.event !== 'compare') return;
    this.#tell(amounts, now, event.event === 'progress');
  }

  followFleet(fleet: FleetStatus): void {
    const now = this.#options.clock.monotonic();
    this.#toldAt ??= now;
    const phase = isByImages(fleet) ? 'under way' : null;
    this.#tell({ ...fleet, name: describeFleet(fleet), kept: 0, phase }, now, true);
  }

  #tell(amounts: Amounts, now: number, hasProgress: boolean): void {
    // Only the first progress shows where the count starts, since an earlier run may be resumed.
    const fetched = amounts.bytes - amounts.kept;
    if (hasProgress) this.#fetchedThen = Math.min(this.#fetchedThen ?? fetched, fetched);
    const elapsedMs = now - (this.#toldAt ?? now);
    if (elapsedMs < intervalMs) return;
    this.#options.stream.write(`${amounts.name}: ${this.#describe(amounts, fetched, elapsedMs)}\n`);
    this.#toldAt = now;
    if (hasProgress) this.#fetchedThen = fetched;
  }

  /** `1.0 GiB of 5.0 GiB (20 %), 84.3 MiB/s` */
  #describe({ bytes, total, phase }: Amounts, fetched: number, elapsedMs: number): string {
    if (phase !== null) return phase;
    const rate = formatRate(((fetched - (this.#fetchedThen ?? fetched)) * 1000) / elapsedMs);
    if (total === null) return `${formatBytes(bytes)}, ${rate}`;
    const percent = Math.floor(shareOf(bytes, total) * 100);
    return `${formatBytes(bytes)} of ${formatBytes(total)} (${String(percent)} %), ${rate}`;
  }
}

// Derives what to show of a transfer from its events.
import type { Clock } from '../../clock.ts';
import type { TransferEvent } from '../../transfer/flow/events.ts';
import type { BarState } from './bar-line.ts';
import { escapeControls } from '../../text/escape.ts';
import { SpeedMeter } from '../../transfer/flow/rate-meter.ts';
import { formatBytes } from '../size.ts';

/** How long a rate is shown before it is updated: a number that changes faster cannot be read. */
const shownMs = 1000;

/** The speed of a transfer, as shown. */
export class Speed {
  readonly #clock: Clock;
  readonly #meter: SpeedMeter;
  #shown: { readonly at: number; readonly speed: SpeedMeter['current'] } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#meter = new SpeedMeter(clock);
  }

  note(bytes: number): void {
    this.#meter.note(bytes);
  }

  restart(): void {
    this.#meter.restart();
    this.#shown = null;
  }

  /** Bytes per second now, and for an estimate of the time left. */
  get current(): SpeedMeter['current'] {
    const now = this.#clock.monotonic();
    if (this.#shown === null || this.#shown.speed.bytesPerSecond === null || now - this.#shown.at >= shownMs)
      this.#shown = { at: now, speed: this.#meter.current };
    return this.#shown.speed;
  }
}

/** Follows one transfer. */
export class TransferState {
  readonly #speed: Speed;
  #name: string;
  #bytes = 0;
  #kept = 0;
  #total: number | null = null;
  #phase: string | null = null;

  constructor(clock: Clock, name = '') {
    this.#speed = new Speed(clock);
    this.#name = escapeControls(name);
  }

  get state(): BarState {
    return {
      name: this.#name,
      bytes: this.#bytes,
      kept: this.#kept,
      total: this.#total,
      phase: this.#phase,
      ...this.#speed.current,
    };
  }

  take(event: TransferEvent): void {
    this.#phase = describePhase(event);
    switch (event.event) {
      case 'start':
        this.#name ||= escapeControls(event.name);
        this.#total = event.total;
        this.#bytes = event.kept;
        this.#kept = event.kept;
        return;
      case 'progress':
        this.#bytes = event.bytes;
        this.#kept = Math.min(this.#kept, event.bytes);
        this.#total = event.total;
        this.#speed.note(event.bytes);
        return;
      case 'restart':
        this.#kept = 0;
        this.#speed.restart();
        return;
      case 'retry':
        this.#speed.restart();
        return;
      case 'check':
      case 'compare':
      case 'sync':
      case 'verify':
      case 'done':
      case 'failed':
    }
  }
}

/** What happens instead of fetching bytes, safe for a terminal; null while bytes arrive. */
function describePhase(event: TransferEvent): string | null {
  switch (event.event) {
    case 'check':
      return `checking ${formatBytes(event.bytes)} of ${formatBytes(event.total)} kept`;
    case 'compare':
      return `comparing ${formatBytes(event.bytes)} of ${formatBytes(event.total)} kept`;
    case 'verify':
      return `verifying ${escapeControls(event.algorithms.join(', '))}`.trimEnd();
    case 'sync':
      return 'writing to disk';
    case 'retry':
      return `waiting for attempt ${String(event.attempt)}`;
    case 'start':
    case 'progress':
    case 'restart':
    case 'done':
    case 'failed':
      return null;
  }
  return null;
}

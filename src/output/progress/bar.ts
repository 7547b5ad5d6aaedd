// Progress on a terminal: one bar for a single transfer, or one for each of several active ones and one for all of
// them.
import type { FleetStatus } from '../../client/fleet/fleet-event.ts';
import type { TransferEvent } from '../../transfer/flow/events.ts';
import { barLines, type BarState } from './bar-line.ts';
import { BarScreen } from './bar-screen.ts';
import { Several, type OneOfSeveral } from './several.ts';
import { type Progress, type ProgressOptions, Turns } from './consumer.ts';
import { describeLoss, fleetLines, type FleetListener, FleetSpeed } from './fleet.ts';
import { Speed, TransferState } from './transfer-state.ts';

const leastMsBetweenDraws = 100;
/** How often to redraw without any event, so that the rate falls and the time left stays right. */
const idleMs = 1000;
const fallbackColumns = 80;
const fallbackRows = 24;
/** Lines of the terminal to leave for what was there before. */
const spareRows = 4;

/** Bars with name, percentage, bytes, rate and time left. They disappear at the end; others report the result. */
export function barProgress(options: ProgressOptions): Progress {
  const single = new TransferState(options.clock);
  const bars = new Bars(options, () => [single.state]);
  return {
    listen: (event) => {
      single.take(event);
      if (hasEnded(event)) bars.hide();
      else bars.follow(event, null);
    },
    several: () => severalBars(options, bars),
    fleet: () => fleetBars(options, bars),
    stop: () => bars.hide(),
  };
}

function hasEnded({ event }: TransferEvent): boolean {
  return event === 'done' || event === 'failed';
}

/** A line for each active image, in the order in which they began, and the total below. */
function severalBars(options: ProgressOptions, bars: Bars): ReturnType<Progress['several']> {
  const underWay = new Map<OneOfSeveral, TransferState>();
  const speed = new Speed(options.clock);
  const several = new Several((member, event) => {
    const state = underWay.get(member) ?? new TransferState(options.clock, member.name);
    state.take(event);
    if (hasEnded(event)) underWay.delete(member);
    else underWay.set(member, state);
    if (event.event === 'progress') speed.note(several.count.bytes - several.count.kept);
    if (underWay.size === 0) bars.hide();
    else bars.follow(event, member.name);
  });
  bars.show(() => {
    const { count } = several;
    const all = [...underWay.values()].slice(0, mostLines(options)).map(({ state }) => state);
    if (count.images === 1) return all;
    // Each failure has a line of its own.
    const name = `${String(count.finished)} of ${String(count.images)} done`;
    return [...all, { ...count, ...speed.current, name, phase: null }];
  });
  return { member: (name, size) => several.member(name, size) };
}

/** A line for each busy worker, and the total below them. */
function fleetBars(options: ProgressOptions, bars: Bars): FleetListener {
  const speed = new FleetSpeed(options.clock);
  let shown: FleetStatus | null = null;
  bars.showLines((cells) => (shown === null ? [] : fleetLines(shown, speed, cells, mostLines(options), options.style)));
  return (event) => {
    const line = describeLoss(event);
    if (line !== null) bars.say(line);
    if (event.event !== 'fleet') return;
    shown = event;
    speed.note(event);
    if (event.finished + event.failed === event.images) bars.hide();
    else bars.drawSoon();
  };
}

function mostLines({ stream }: ProgressOptions): number {
  return Math.max(1, (stream.rows || fallbackRows) - spareRows);
}

/** Decides when to draw the lines. */
class Bars {
  readonly #options: ProgressOptions;
  readonly #screen: BarScreen;
  readonly #turns: Turns;
  #lines: (cells: number) => readonly string[];
  #drawnAt = 0;
  #cancelTimer: () => void = () => undefined;

  constructor(options: ProgressOptions, list: () => readonly BarState[]) {
    this.#options = options;
    this.#screen = new BarScreen(options.stream);
    this.#turns = new Turns(options.clock);
    this.#lines = (cells) => barLines(list(), cells, options.style);
  }

  /** @param list the states to draw from now on */
  show(list: () => readonly BarState[]): void {
    this.showLines((cells) => barLines(list(), cells, this.#options.style));
  }

  /** @param lines the lines to draw from now on, each at most this many cells wide */
  showLines(lines: (cells: number) => readonly string[]): void {
    this.#lines = lines;
  }

  /** Prints a line above the bars. */
  say(line: string): void {
    this.hide();
    this.#options.stream.write(`${line}\n`);
  }

  /** Draws what has changed, unless the last drawing was a moment ago. */
  drawSoon(): void {
    if (!this.#screen.isShown || this.#now() - this.#drawnAt >= leastMsBetweenDraws) this.#draw();
  }

  /**
   * Draws what an event has changed, at most every so often for frequent events. Its text, if any, stays above the
   * bars.
   */
  follow(event: TransferEvent, name: string | null): void {
    const line = this.#turns.describe(event, name);
    if (line !== null) {
      this.say(line);
      return;
    }
    const isOneOfMany = event.event === 'progress' || event.event === 'check' || event.event === 'compare';
    if (isOneOfMany) this.drawSoon();
    else this.#draw();
  }

  /** Removes the lines. */
  hide(): void {
    this.#cancelTimer();
    this.#screen.clear();
  }

  #draw(): void {
    const { stream, columns, clock } = this.#options;
    this.#drawnAt = this.#now();
    this.#cancelTimer();
    // The terminal may have been resized. Its last cell stays free, since some terminals wrap there.
    const cells = (stream.columns || columns || fallbackColumns) - 1;
    this.#screen.draw(this.#lines(cells));
    this.#cancelTimer = clock.startTimer(idleMs, () => this.#draw());
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

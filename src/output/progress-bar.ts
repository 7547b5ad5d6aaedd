// The bar. The only file that knows cli-progress: it finds the line on the terminal, and draws it if it has changed.
// When it is drawn is decided here, by our clock.
import cliProgress from 'cli-progress';
import type { TransferEvent } from '../transfer/events.ts';
import { barLine } from './bar-line.ts';
import { escapeControls } from './escape.ts';
import { describeRetry, type Progress, type ProgressOptions } from './progress-consumer.ts';
import { RateMeter } from './rate.ts';
import { formatBytes } from './size.ts';

const leastMsBetweenDraws = 100;
/** How often the line is drawn without any event, so that a rate falls and a time left is true. */
const idleMs = 1000;
/** The library's own timer, in draws a second: once in a day. */
const never = 1 / 86_400;
const fallbackColumns = 80;

/** A bar on a terminal: name, share, bytes, rate, time left. It is gone at the end; what came of it others report. */
export function barProgress(options: ProgressOptions): Progress {
  const bar = new Bar(options);
  return { listen: (event) => bar.take(event), stop: () => bar.hide() };
}

class Bar {
  readonly #options: ProgressOptions;
  readonly #rate: RateMeter;
  readonly #bar: cliProgress.SingleBar;
  #name = '';
  #bytes = 0;
  #total: number | null = null;
  #phase: string | null = null;
  #drawnAt = 0;
  /** Stops the timer; null while nothing is on the terminal. */
  #cancelTimer: (() => void) | null = null;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#rate = new RateMeter(options.clock);
    this.#bar = new cliProgress.SingleBar({
      stream: toTerminal(options.stream),
      format: () => this.#line(),
      clearOnComplete: true,
      hideCursor: false,
      // As it is; false would switch it off for the terminal, and leave it so if the program is killed.
      linewrap: true,
      fps: never,
      synchronousUpdate: false,
      noTTYOutput: true,
      gracefulExit: false,
    });
  }

  take(event: TransferEvent): void {
    switch (event.type) {
      case 'start':
        this.#name = escapeControls(event.name);
        this.#total = event.total;
        this.#bytes = event.kept;
        this.#draw();
        return;
      case 'check':
        this.#phase = `checking ${formatBytes(event.bytes)} of ${formatBytes(event.total)} kept`;
        this.#drawSoon();
        return;
      case 'progress':
        this.#bytes = event.bytes;
        this.#total = event.total;
        this.#phase = null;
        this.#rate.note(event.bytes);
        this.#drawSoon();
        return;
      case 'retry':
        this.hide();
        this.#rate.restart();
        this.#options.stream.write(`${describeRetry(event)}\n`);
        return;
      case 'restart':
        this.hide();
        this.#rate.restart();
        this.#options.stream.write(`${escapeControls(event.message)}\n`);
        return;
      case 'sync':
        this.#phase = 'writing to disk';
        this.#draw();
        return;
      case 'verify':
        this.#phase = `verifying ${escapeControls(event.algorithms.join(', '))}`.trimEnd();
        this.#draw();
        return;
      case 'done':
      case 'failed':
        this.hide();
    }
  }

  /** Clears the line. */
  hide(): void {
    if (this.#cancelTimer === null) return;
    this.#cancelTimer();
    this.#cancelTimer = null;
    this.#bar.stop();
  }

  #drawSoon(): void {
    if (this.#cancelTimer === null || this.#now() - this.#drawnAt >= leastMsBetweenDraws) this.#draw();
  }

  #draw(): void {
    this.#drawnAt = this.#now();
    if (this.#cancelTimer === null) this.#bar.start(1, 0);
    else {
      this.#cancelTimer();
      this.#bar.render();
    }
    this.#cancelTimer = this.#options.clock.startTimer(idleMs, () => this.#draw());
  }

  #line(): string {
    const { stream, columns, style } = this.#options;
    // A terminal may have been resized; its last cell stays free, as some wrap there.
    const cells = (stream.columns || columns || fallbackColumns) - 1;
    const state = { name: this.#name, bytes: this.#bytes, total: this.#total, phase: this.#phase };
    return barLine({ ...state, bytesPerSecond: this.#rate.perSecond }, cells, style);
  }

  #now(): number {
    return this.#options.clock.monotonic();
  }
}

/** Saves and restores the cursor: after lines that others wrote meanwhile it would come back to the wrong one. */
const cursorMoves = new Set(['\u001B7', '\u001B8']);

/** The stream as the library wants it. It uses nothing else, and would cut our line amid a colour at `columns`. */
function toTerminal(stream: ProgressOptions['stream']): NodeJS.WritableStream {
  const terminal = {
    isTTY: true,
    columns: Number.MAX_SAFE_INTEGER,
    write: (text: string): boolean => cursorMoves.has(text) || stream.write(text),
  };
  return terminal as unknown as NodeJS.WritableStream;
}

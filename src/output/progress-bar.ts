// The bar. The only file that knows cli-progress.
import cliProgress from 'cli-progress';
import type { TransferListener } from '../transfer/events.ts';
import { escapeControls } from './escape.ts';
import { describeRetry, type Progress, type ProgressOptions } from './progress.ts';
import { formatBytes, formatDuration, formatRate } from './size.ts';
import { createRuler, type Ruler } from './width.ts';

/** Share of the newest measurement in the rate, so that it does not jump. */
const smoothing = 0.25;
const barCells = 24;
/** Cells of everything in the line but name and bar: percentage, amount, rate, time left. */
const factCells = 52;

/** A bar on a terminal: name, share, bytes, rate, time left. */
export async function barProgress(options: ProgressOptions): Promise<Progress> {
  const bar = new Bar(options);
  return { listen: (event) => bar.take(event), stop: () => bar.stop() };
}

class Bar {
  readonly #options: ProgressOptions;
  readonly #bar: cliProgress.SingleBar;
  readonly #rate: RateMeter;
  #name = '';
  #ruler: Ruler | null = null;
  #isRunning = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#rate = new RateMeter(() => options.clock.monotonic());
    this.#bar = new cliProgress.SingleBar({
      // Its types want a WriteStream; all it uses is write, isTTY and cursor movements.
      stream: options.stream as NodeJS.WriteStream,
      format: (_settings, params, payload) => this.#line(params.value, (payload as { total: number | null }).total),
      clearOnComplete: true,
      hideCursor: null,
      fps: 10,
      forceRedraw: false,
      noTTYOutput: true,
      autopadding: false,
      gracefulExit: false,
    } as cliProgress.Options);
  }

  readonly take: TransferListener = (event) => {
    switch (event.type) {
      case 'start':
        this.#name = escapeControls(event.name);
        void createRuler([this.#name]).then((ruler) => {
          this.#ruler = ruler;
        });
        return;
      case 'progress':
        this.#show(event.bytes, event.total);
        return;
      case 'retry':
        this.stop();
        this.#options.stream.write(`${describeRetry(event)}\n`);
        return;
      case 'verify':
      case 'done':
      case 'failed':
        this.stop();
    }
  };

  stop(): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#bar.stop();
  }

  #show(bytes: number, total: number | null): void {
    this.#rate.note(bytes);
    if (this.#isRunning) {
      this.#bar.update(bytes, { total });
      return;
    }
    this.#isRunning = true;
    this.#rate.restart(bytes);
    this.#bar.start(Math.max(1, total ?? 1), bytes, { total });
  }

  #line(bytes: number, total: number | null): string {
    const { columns, style } = this.#options;
    const room = Math.max(0, columns - 1);
    const rate = this.#rate.perSecond;
    const facts = total === null ? `${formatBytes(bytes)}  ${formatRate(rate)}` : shareFacts(bytes, total, rate);
    const cells = total === null ? 0 : Math.min(barCells, room - factCells);
    const filled = total === null || total === 0 ? cells : Math.floor((bytes / total) * cells);
    const drawn = cells < 4 ? '' : `${style.cyan('█'.repeat(filled))}${style.dim('░'.repeat(cells - filled))}  `;
    const nameRoom = room - facts.length - (cells < 4 ? 0 : cells + 2) - 2;
    const name = nameRoom < 4 || this.#ruler === null ? '' : `${this.#ruler.cut(this.#name, nameRoom)}  `;
    return name + drawn + facts.slice(0, room);
  }
}

function shareFacts(bytes: number, total: number, rate: number): string {
  const percent = `${String(total === 0 ? 100 : Math.floor((bytes / total) * 100)).padStart(3)} %`;
  const left = rate > 0 ? formatDuration((total - bytes) / rate) : '';
  return `${percent}  ${formatBytes(bytes)} of ${formatBytes(total)}  ${formatRate(rate)}  ${left}`.trimEnd();
}

/** Bytes a second, smoothed. */
class RateMeter {
  readonly #now: () => number;
  #at = 0;
  #bytes = 0;
  perSecond = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  restart(bytes: number): void {
    this.#at = this.#now();
    this.#bytes = bytes;
    this.perSecond = 0;
  }

  note(bytes: number): void {
    const seconds = (this.#now() - this.#at) / 1000;
    if (seconds < 0.2) return;
    const current = Math.max(0, bytes - this.#bytes) / seconds;
    this.perSecond = this.perSecond === 0 ? current : this.perSecond + smoothing * (current - this.perSecond);
    this.#at = this.#now();
    this.#bytes = bytes;
  }
}

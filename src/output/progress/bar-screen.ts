// Draws lines at the bottom of a terminal and updates them. The only file that knows cli-progress, which finds the
// lines on the terminal and redraws those that changed. When to draw is decided elsewhere, by our clock.
import cliProgress from 'cli-progress';
import type { ProgressOptions } from './consumer.ts';

/** Draws per second of the library's own timer: one per day. */
const never = 1 / 86_400;

/**
 * The lines, starting at the cursor. Neither the cursor nor wrapping is switched off, so that the terminal is unharmed
 * if the program is killed.
 */
export class BarScreen {
  readonly #stream: ProgressOptions['stream'];
  #bars: cliProgress.MultiBar | null = null;
  #count = 0;
  #lines: readonly string[] = [];

  constructor(stream: ProgressOptions['stream']) {
    this.#stream = stream;
  }

  /** Whether anything is on the terminal. */
  get isShown(): boolean {
    return this.#bars !== null;
  }

  /** Shows these lines in place of the earlier ones. Each must fit the width of the terminal. */
  draw(lines: readonly string[]): void {
    this.#lines = lines;
    this.#bars ??= this.#start();
    for (; this.#count < lines.length; this.#count++) {
      const index = this.#count;
      this.#bars.create(1, 0, {}, { format: () => this.#lines[index] ?? '' });
    }
    this.#bars.update();
  }

  /** Removes the lines. */
  clear(): void {
    this.#bars?.stop();
    this.#bars = null;
    this.#count = 0;
  }

  #start(): cliProgress.MultiBar {
    return new cliProgress.MultiBar({
      stream: toTerminal(this.#stream),
      clearOnComplete: true,
      hideCursor: false,
      // Left as it is; false would switch wrapping off, and leave it off if the program is killed.
      linewrap: true,
      fps: never,
      noTTYOutput: true,
      gracefulExit: false,
    });
  }
}

/** The stream as the library needs it, and nothing else: with `columns`, it would cut our lines within a colour. */
function toTerminal(stream: ProgressOptions['stream']): NodeJS.WritableStream {
  const terminal = {
    isTTY: true,
    columns: Number.MAX_SAFE_INTEGER,
    write: (text: string): boolean => stream.write(text),
  };
  return terminal as unknown as NodeJS.WritableStream;
}

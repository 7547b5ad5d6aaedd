// Lines at the bottom of a terminal that are drawn anew. The only file that knows cli-progress: it finds the lines on the
// terminal, and draws those that have changed. When they are drawn is decided elsewhere, by our clock.
import cliProgress from 'cli-progress';
import type { ProgressOptions } from './consumer.ts';

/** The library's own timer, in draws a second: once in a day. */
const never = 1 / 86_400;

/** The lines, from where the cursor is. Neither cursor nor wrapping is switched: killed at any time, the terminal is as it was. */
export class BarScreen {
  readonly #stream: ProgressOptions['stream'];
  #bars: cliProgress.MultiBar | null = null;
  #count = 0;
  #lines: readonly string[] = [];

  constructor(stream: ProgressOptions['stream']) {
    this.#stream = stream;
  }

  /** Whether there is anything on the terminal. */
  get isShown(): boolean {
    return this.#bars !== null;
  }

  /** Shows these lines in place of those before. Each has to fit the terminal. */
  draw(lines: readonly string[]): void {
    this.#lines = lines;
    this.#bars ??= this.#start();
    for (; this.#count < lines.length; this.#count++) {
      const index = this.#count;
      this.#bars.create(1, 0, {}, { format: () => this.#lines[index] ?? '' });
    }
    this.#bars.update();
  }

  /** Takes them away. */
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
      // As it is; false would switch it off for the terminal, and leave it so if the program is killed.
      linewrap: true,
      fps: never,
      noTTYOutput: true,
      gracefulExit: false,
    });
  }
}

/** The stream as the library wants it. It uses nothing else, and would cut our line amid a colour at `columns`. */
function toTerminal(stream: ProgressOptions['stream']): NodeJS.WritableStream {
  const terminal = {
    isTTY: true,
    columns: Number.MAX_SAFE_INTEGER,
    write: (text: string): boolean => stream.write(text),
  };
  return terminal as unknown as NodeJS.WritableStream;
}

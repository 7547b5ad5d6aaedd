// What every command gets: the world, the options of the program, a session, and a way to print.
import type { Writable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import { loadStyle, type Style, styleLevel } from '../output/style.ts';
import { createTimeFormat, type TimeFormat, type TimeStyle } from '../output/time.ts';
import { type AllOptions, nativeFormat } from './options.ts';
import type { OutputStream, Runtime } from './runtime.ts';
import { Session } from './session.ts';

/** What every renderer of results wants to know. */
export interface ResultOptions {
  readonly selected: readonly string[] | null;
  readonly format: ReturnType<typeof nativeFormat>;
  readonly width: number | null;
  readonly style: Style;
  readonly headers: boolean;
  readonly wide: boolean;
}

export class Context {
  readonly runtime: Runtime;
  readonly options: AllOptions;
  readonly session: Session;

  constructor(runtime: Runtime, options: AllOptions) {
    this.runtime = runtime;
    this.options = options;
    this.session = new Session(runtime, options);
  }

  /** Cells of the terminal that results go to; null if they go elsewhere, where nothing is cut. */
  get width(): number | null {
    const { isTTY, columns } = this.runtime.stdout;
    return isTTY === true ? columns || 80 : null;
  }

  style(stream: OutputStream): Promise<Style> {
    const { env } = this.runtime;
    return loadStyle(styleLevel({ isTTY: stream.isTTY === true, env, color: this.options.color }));
  }

  /** How times are shown to people: relative on a terminal, elsewhere absolute, unless the options say otherwise. */
  get timeStyle(): TimeStyle {
    return this.options.time ?? (this.width === null ? 'absolute' : 'relative');
  }

  /** The times of a table. */
  get timeFormat(): TimeFormat {
    return createTimeFormat(this.timeStyle, this.runtime.clock.wallTime());
  }

  /** How results are printed on stdout: what the options and the terminal say. */
  async resultOptions(): Promise<ResultOptions> {
    const { options, runtime, width } = this;
    const style = await this.style(runtime.stdout);
    return {
      selected: options.column ?? null,
      format: nativeFormat(options),
      width,
      style,
      headers: options.headers !== false,
      wide: options.wide === true,
    };
  }

  /** Prints a result on stdout. A reader that hung up, as `head` does, has had enough: no error. */
  async print(chunks: AsyncIterable<string>): Promise<void> {
    if (this.options.pager !== true || this.width === null) {
      await this.#printTo(this.runtime.stdout, chunks);
      return;
    }
    const { openPager } = await import('./pager.ts');
    const pager = openPager(this.runtime);
    try {
      await this.#printTo(pager.input, chunks);
    } finally {
      // The terminal is the pager's until it ends, whatever happened.
      await pager.close();
    }
  }

  async #printTo(stream: Writable, chunks: AsyncIterable<string>): Promise<void> {
    try {
      for await (const chunk of chunks) await writeAll(stream, chunk, this.runtime.signal);
    } catch (error) {
      if (!(error instanceof GlanceError && error.code === 'pipe.closed')) throw error;
    }
  }

  /** {@link print} for text that is there at once. */
  async printText(text: string): Promise<void> {
    await this.print(
      (async function* () {
        yield text;
      })(),
    );
  }

  /** Prints a line for people on stderr. The text has to be safe for a terminal. */
  note(line: string): void {
    this.session.tellLine(line);
  }
}

/**
 * Writes and waits until it is taken.
 * @throws GlanceError `pipe.closed` if the reader hung up, `io.nospace`, `io.error`; the signal's reason
 */
async function writeAll(stream: Writable, text: string, signal: AbortSignal): Promise<void> {
  const { StreamSink } = await import('../transfer/stream-sink.ts');
  const sink = new StreamSink(stream, 'standard output');
  try {
    await sink.write(Buffer.from(text), signal);
  } finally {
    sink.release();
  }
}

// What every command gets: the surroundings, the program's options, a connection, and a way to print.
import type { Connection } from '../client/connection.ts';
import type { Secrets } from '../http/secrets/secrets.ts';
import { GlanceError } from '../errors.ts';
import { loadStyle, type Style, styleLevel } from '../output/style.ts';
import type { TimedEvent } from '../output/event-line.ts';
import { createTimeFormat, type TimeFormat, type TimeStyle } from '../output/time.ts';
import type { Choose } from '../client/find.ts';
import { chooserOf } from './console/ask.ts';
import { exitCodeOf } from './console/exit-codes.ts';
import { completeCommands } from './console/given-flags.ts';
import { type GlobalOptions, nativeFormat } from './options/options.ts';
import type { OutputStream, Runtime } from './runtime.ts';
import { connectionOf, mayAsk } from './connection.ts';
import { Messages, type Words } from './console/messages.ts';
import { printResult, writeTo } from './console/standard-output.ts';

/** What every renderer of results needs to know. */
export interface ResultOptions {
  readonly selected: readonly string[] | null;
  readonly format: ReturnType<typeof nativeFormat>;
  readonly width: number | null;
  readonly style: Style;
  readonly headers: boolean;
  readonly csvSafe: boolean;
  readonly wide: boolean;
}

/** Exit codes that take precedence over 8. */
const graverThanLocal: ReadonlySet<number> = new Set([6, 11]);

/** The error if the reader of a list with a verdict leaves before the end: then no verdict was given. */
export function readerLeft(): GlanceError {
  return new GlanceError('pipe.closed', 'standard output: its reader closed it');
}

export class Context {
  readonly runtime: Runtime;
  readonly options: GlobalOptions;
  /** Messages on stderr. */
  readonly messages: Messages;
  readonly connection: Connection;
  /** Asks which of several images with the same name is meant, if somebody can answer. */
  readonly choose: Choose;

  constructor(runtime: Runtime, options: GlobalOptions, secrets: Secrets) {
    this.runtime = runtime;
    this.options = options;
    this.messages = new Messages(runtime, options.progress === 'json');
    this.connection = connectionOf(runtime, options, this.messages, { secrets });
    this.choose = chooserOf(runtime, this.messages, { mayAsk: mayAsk(options) });
  }

  /** Cells of the terminal to which results go; null if they go elsewhere, so that nothing is cut. */
  get width(): number | null {
    const { isTTY, columns } = this.runtime.stdout;
    return isTTY === true ? columns || 80 : null;
  }

  style(stream: OutputStream): Promise<Style> {
    const { env } = this.runtime;
    return loadStyle(styleLevel({ isTTY: stream.isTTY === true, env, color: this.options.color }));
  }

  /** How people see times: relative on a terminal, otherwise absolute, unless the options say differently. */
  get timeStyle(): TimeStyle {
    return this.options.time ?? (this.width === null ? 'absolute' : 'relative');
  }

  /** The times of a table. */
  get timeFormat(): TimeFormat {
    return createTimeFormat(this.timeStyle, this.runtime.clock.wallTime());
  }

  /** How to print results on stdout, according to the options and the terminal. */
  async resultOptions(): Promise<ResultOptions> {
    const { options, runtime, width } = this;
    const style = await this.style(runtime.stdout);
    return {
      selected: options.column ?? null,
      format: nativeFormat(options),
      width,
      style,
      headers: options.headers !== false,
      csvSafe: options.csvSafe === true,
      wide: options.wide === true,
    };
  }

  /**
   * Prints a result on stdout. If the reader hung up, as `head` does, it has seen enough: no error.
   * @throws GlanceError `io.closed`, `io.nospace`, `io.error`; the signal's reason
   */
  async print(chunks: AsyncIterable<string> | Iterable<string>): Promise<void> {
    const shown = withoutTokens(chunks, this.connection.secrets);
    if (this.options.pager !== true || this.width === null) {
      await printResult(this.runtime, shown);
      return;
    }
    const { openPager } = await import('./console/pager.ts');
    const pager = openPager(this.runtime);
    try {
      await writeTo(pager.input, shown, this.runtime.signal);
    } finally {
      // The terminal belongs to the pager until it ends, whatever happened.
      await pager.close();
    }
  }

  /** {@link print} for text that is already complete. */
  async printText(text: string): Promise<void> {
    await this.print([text]);
  }

  /**
   * Prints a result, and fails with its verdict.
   * @param verdict null if all is well
   * @throws the verdict; damaged or unsafe data takes precedence over a failure to print
   */
  async printVerdict(printing: Promise<void>, verdict: () => GlanceError | null): Promise<void> {
    try {
      await printing;
    } catch (error) {
      const grave =
        error instanceof GlanceError && exitCodeOf(error.code) === exitCodeOf('io.error') ? verdict() : null;
      throw grave !== null && graverThanLocal.has(exitCodeOf(grave.code)) ? grave : error;
    }
    const result = verdict();
    if (result !== null) throw result;
  }

  /**
   * Reports an event on stderr: with `--progress json` as it is, otherwise in words and on a progress display. With `--quiet`, only
   * warnings and errors.
   * @param words for people; null: none
   * @param show passes it to the display
   */
  event<E extends TimedEvent>(event: E, words: Words | null, show: (event: E) => void = () => undefined): void {
    const isProblem = words !== null && words.kind !== 'note';
    if (isProblem || this.options.quiet !== true) this.messages.event(event, words);
    if (!this.messages.isJson) show(event);
  }

  /** Warns on stderr of something odd that is not a failure. */
  warn(message: string): void {
    this.messages.say('warning', message);
  }

  /** Reports on stderr a failure that did not end the run. */
  tell(message: string, hint?: string): void {
    this.messages.say('error', message, hint === undefined ? hint : completeCommands(hint, this.connection));
  }

  /** Reports on stderr what was done or found, unless `--quiet` is set. */
  note(message: string): void {
    if (this.options.quiet !== true) this.messages.say('note', message);
  }

  /** Reports on stderr what goes with a failure, such as what was kept, even with `--quiet`. */
  advise(message: string): void {
    this.messages.say('note', message);
  }
}

async function* withoutTokens(
  chunks: AsyncIterable<string> | Iterable<string>,
  secrets: Secrets,
): AsyncGenerator<string> {
  for await (const chunk of chunks) yield secrets.hideTokens(chunk);
}

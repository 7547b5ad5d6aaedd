// What is said on stderr while a command runs, but for progress. The one writer of it: it knows whether people read or a
// program does, so that nobody else has to.
import type { WireEvent } from '../../http/request.ts';
import { escapeControls } from '../../text/escape.ts';
import { formatEvent } from '../../output/event-line.ts';
import type { Runtime } from '../runtime.ts';
import { withOptions } from './option-names.ts';

/** `note`: what was done or found. `debug`: what goes over the wire. */
export type MessageKind = 'note' | 'warning' | 'error' | 'debug';

export class Messages {
  readonly #runtime: Pick<Runtime, 'stderr' | 'clock'>;
  readonly #isJson: boolean;
  #clearLine: () => void = () => undefined;

  /** @param isJson with `--progress json` every line is an event */
  constructor(runtime: Pick<Runtime, 'stderr' | 'clock'>, isJson: boolean) {
    this.#runtime = runtime;
    this.#isJson = isJson;
  }

  /** @param clear takes a progress bar away until it is drawn again */
  showsProgress(clear: () => void): void {
    this.#clearLine = clear;
  }

  /**
   * Says it, in place of a progress bar that stands there.
   * @param message may be text of strangers; only one of kind `debug` may have several lines
   * @param hint what to do about it
   */
  say(kind: MessageKind, message: string, hint?: string): void {
    const { stderr, clock } = this.#runtime;
    this.#clearLine();
    const told = kind === 'debug' ? message : withOptions(message);
    const advice = hint === undefined ? undefined : withOptions(hint);
    stderr.write(
      this.#isJson
        ? formatEvent(kind, { message: told, hint: advice }, clock.wallTime())
        : forPeople(kind, told, advice),
    );
  }

  /**
   * Asks a person at the terminal.
   * @param question stays open for the answer
   */
  prompt(lines: readonly string[], question = ''): void {
    this.#clearLine();
    this.#runtime.stderr.write(lines.map((line) => `${escapeControls(line)}\n`).join('') + escapeControls(question));
  }

  /** Says what went over the wire. */
  sayWire({ direction, lines }: WireEvent): void {
    const mark = { request: '>', answer: '<', retry: '!' }[direction];
    // A line feed within a line is a stranger's.
    this.say('debug', lines.map((line) => `${mark} ${line.replaceAll('\n', '\\x0a')}`).join('\n'));
  }
}

function forPeople(kind: MessageKind, message: string, hint: string | undefined): string {
  const text = escapeControls(message, { keepNewlines: kind === 'debug' });
  const first = kind === 'warning' || kind === 'error' ? `${kind}: ${text}\n` : `${text}\n`;
  return hint === undefined ? first : `${first}  hint: ${escapeControls(hint)}\n`;
}

// What is printed on stderr while a command runs, except progress. Nothing else writes there, so nothing else has to know
// whether people or programs read it.
import type { WireEvent } from '../../http/request.ts';
import { escapeControls } from '../../text/escape.ts';
import { isoTime } from '../../clock.ts';
import { formatEvent, type TimedEvent } from '../../output/event-line.ts';
import type { Runtime } from '../runtime.ts';
import { withOptions } from './option-names.ts';

/** `note`: what was done or found. `debug`: what goes over the wire. */
type MessageKind = 'note' | 'warning' | 'error' | 'debug';

/** An event in words. */
export interface Words {
  readonly kind: Exclude<MessageKind, 'debug'>;
  /** May contain untrusted text. */
  readonly message: string;
}

export class Messages {
  readonly #runtime: Pick<Runtime, 'stderr' | 'clock'>;
  /** Whether every line is an event. */
  readonly isJson: boolean;
  #clearLine: () => void = () => undefined;

  /** @param isJson whether every line is an event, as with `--progress json` */
  constructor(runtime: Pick<Runtime, 'stderr' | 'clock'>, isJson: boolean) {
    this.#runtime = runtime;
    this.isJson = isJson;
  }

  /** @param clear removes a progress bar until it is drawn again */
  showsProgress(clear: () => void): void {
    this.#clearLine = clear;
  }

  /**
   * Prints a message, in place of a progress bar if there is one.
   * @param message may contain untrusted text; only kind `debug` may have several lines
   * @param hint what to do about it
   */
  say(kind: MessageKind, message: string, hint?: string): void {
    const { stderr, clock } = this.#runtime;
    this.#clearLine();
    const told = kind === 'debug' ? message : withOptions(message);
    const advice = hint === undefined ? undefined : withOptions(hint);
    stderr.write(
      this.isJson ? formatEvent(kind, isoTime(clock), { message: told, hint: advice }) : forPeople(kind, told, advice),
    );
  }

  /**
   * Prints an event: as it is for programs, in words for people.
   * @param words null: people are not told
   */
  event(event: TimedEvent & { readonly message?: string | null }, words: Words | null): void {
    if (this.isJson) {
      const { message } = event;
      const told = typeof message === 'string' ? { ...event, message: withOptions(message) } : event;
      this.#runtime.stderr.write(formatEvent(event.event, event.time, told));
    } else if (words !== null) this.say(words.kind, words.message);
  }

  /**
   * Asks a person at the terminal.
   * @param question the line that stays open for the answer
   */
  prompt(lines: readonly string[], question = ''): void {
    this.#clearLine();
    this.#runtime.stderr.write(lines.map((line) => `${escapeControls(line)}\n`).join('') + escapeControls(question));
  }

  /** Prints what went over the wire. */
  sayWire({ direction, lines }: WireEvent): void {
    const mark = { request: '>', answer: '<', retry: '!' }[direction];
    // A line feed within a line is untrusted.
    this.say('debug', lines.map((line) => `${mark} ${line.replaceAll('\n', '\\x0a')}`).join('\n'));
  }
}

function forPeople(kind: MessageKind, message: string, hint: string | undefined): string {
  const text = escapeControls(message, { keepNewlines: kind === 'debug' });
  const first = kind === 'warning' || kind === 'error' ? `${kind}: ${text}\n` : `${text}\n`;
  return hint === undefined ? first : `${first}  hint: ${escapeControls(hint)}\n`;
}

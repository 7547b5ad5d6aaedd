// Asks for a secret, without showing what is typed.
import type { Readable } from 'node:stream';
import type { Runtime } from '../runtime.ts';
import type { Messages } from './messages.ts';
import { readTyped, type Typed } from './typed.ts';

/** A terminal in Node. In raw mode, it shows nothing and passes on every key, even Ctrl-C. */
type Terminal = Readable & { readonly setRawMode?: (isRaw: boolean) => unknown };

/** Longest secret, whatever is pasted. */
const longest = 4096;

/**
 * Asks on standard error.
 * @returns null if nothing is typed
 * @throws the signal's reason
 */
export async function askSecret(
  { stdin, stderr, interrupt }: Runtime,
  messages: Messages,
  question: string,
  signal: AbortSignal,
): Promise<string | null> {
  const terminal: Terminal = stdin();
  messages.prompt([], question);
  terminal.setRawMode?.(true);
  const line = new HiddenLine(interrupt);
  try {
    return await readTyped(
      terminal,
      signal,
      (text) => line.take(text),
      () => line.answer,
    );
  } finally {
    terminal.setRawMode?.(false);
    // Enter was not shown either.
    stderr.write('\n');
  }
}

/** A line being typed, with the few keys that a terminal otherwise handles itself. */
class HiddenLine {
  readonly #interrupt: () => void;
  #text = '';

  constructor(interrupt: () => void) {
    this.#interrupt = interrupt;
  }

  get answer(): string | null {
    const text = this.#text.trim();
    return text === '' ? null : text;
  }

  take(typed: string): Typed<string | null> | undefined {
    for (let at = 0; at < typed.length; at++) {
      const key = typed.charAt(at);
      if (['\r', '\n', '\u0004'].includes(key) || this.#text.length >= longest) {
        const isPair = key === '\r' && typed.charAt(at + 1) === '\n';
        return { answer: this.answer, rest: typed.slice(at + (isPair ? 2 : 1)) };
      }
      this.#press(key);
    }
    return undefined;
  }

  #press(key: string): void {
    if (key === '\u0003') this.#interrupt();
    else if (key === '\u007F' || key === '\b') this.#text = this.#text.slice(0, -1);
    else if (key === '\u0015') this.#text = '';
    else if (key >= ' ') this.#text += key;
  }
}

// Reads what a person types at the terminal, as it arrives.
import type { Readable } from 'node:stream';

/** An answer, and what was typed after it. */
export interface Typed<T> {
  readonly answer: T;
  readonly rest: string;
}

/**
 * Passes typed text to `take` until it has an answer; the rest is kept for the next reader.
 * @param atEnd the answer at the end of input
 * @throws the signal's reason
 */
export function readTyped<T>(
  stdin: Readable,
  signal: AbortSignal,
  take: (text: string) => Typed<T> | undefined,
  atEnd: () => T,
): Promise<T> {
  signal.throwIfAborted();
  if (stdin.readableEnded || stdin.destroyed) return Promise.resolve(atEnd());
  return new Promise((resolve, reject) => {
    const settle = (end: () => void): void => {
      stdin.off('data', hear).off('end', stop).off('error', stop);
      signal.removeEventListener('abort', abort);
      // A terminal that is being read would keep the program running.
      stdin.pause();
      end();
    };
    const abort = (): void => settle(() => reject(signal.reason as Error));
    const stop = (): void => settle(() => resolve(atEnd()));
    const hear = (chunk: unknown): void => {
      const typed = take(String(chunk));
      if (typed === undefined) return;
      settle(() => {
        if (typed.rest !== '') stdin.unshift(Buffer.from(typed.rest));
        resolve(typed.answer);
      });
    };
    signal.addEventListener('abort', abort);
    stdin.on('end', stop).on('error', stop).on('data', hear);
    // A paused stream stays paused, whoever listens.
    stdin.resume();
  });
}

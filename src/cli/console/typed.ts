// What a person types at the terminal, as it comes.
import type { Readable } from 'node:stream';

/** An answer, and what was typed after it. */
export interface Typed<T> {
  readonly answer: T;
  readonly rest: string;
}

/**
 * Hands what is typed to `take`, until that has an answer; what comes after it is kept for whoever reads next.
 * @param atEnd the answer where nothing more comes
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
      // An open terminal that is read from would keep the program from ending.
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
    // A stream that was paused stays so, whoever listens.
    stdin.resume();
  });
}

// The world as the program sees it: one small value, passed and never imported. main.ts creates the real one, tests
// their own.
import type { Readable, Writable } from 'node:stream';
import type { System } from '../client/system.ts';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  /** Width of the terminal in cells. 0 if unknown. */
  readonly columns?: number;
};

/** The system, and what only a program has: streams, a version, signals. */
export interface Runtime extends System {
  /** A function, because Node creates the stream on first access, and few commands read it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** Passes Node's own warnings to the listener from now on, instead of letting Node print them to stderr. */
  readonly onNodeWarning: (listener: (message: string) => void) => void;
  /** Whether the program was started with its standard output closed, as by `>&-`. */
  readonly isStdoutClosed: () => boolean;
  readonly version: string;
  /** Shows a page in the user's browser. @returns false if there is no desktop */
  readonly openBrowser: (page: URL) => Promise<boolean> | boolean;
  /** Does what Ctrl-C does, for a terminal in raw mode, which passes it on as a key. */
  readonly interrupt: () => void;
  /** Aborted on a signal; the reason is an {@link Interrupted}. */
  readonly signal: AbortSignal;
}

/** Why the program was told to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  readonly signalName: 'SIGINT' | 'SIGTERM' | 'SIGHUP';

  constructor(signalName: 'SIGINT' | 'SIGTERM' | 'SIGHUP') {
    super(`stopped by ${signalName}`);
    this.signalName = signalName;
  }
}

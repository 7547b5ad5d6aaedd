// The world as the program sees it: one small value, passed and never imported. main.ts makes the real one, tests their own.
import type { Readable, Writable } from 'node:stream';
import type { System } from '../client/system.ts';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  /** Width of the terminal in cells. 0 where it does not tell. */
  readonly columns?: number;
};

/** The system, and what only a program has: streams, a version, signals. */
export interface Runtime extends System {
  /** A function, for Node makes the stream when it is asked for it, and few commands read it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** From now on Node's own warnings go there, rather than to stderr as they are. */
  readonly onNodeWarning: (listener: (message: string) => void) => void;
  /** Whether the program was started with its standard output closed, as by `>&-`. */
  readonly isStdoutClosed: () => boolean;
  readonly version: string;
  /** Shows a page in the user's browser. @returns false where there is no desktop to do so */
  readonly openBrowser: (page: URL) => Promise<boolean> | boolean;
  /** Does what Ctrl-C does, for a terminal that hands it over as a key. */
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

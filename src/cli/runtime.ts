// The world as the program sees it: one small value, passed and never imported. main.ts makes the real one, tests their own.
import type { Readable, Writable } from 'node:stream';
import type { Clock } from '../clock.ts';

/** A stream that may be a terminal. */
export type OutputStream = Writable & {
  readonly isTTY?: boolean;
  /** Width of the terminal in cells. 0 where it does not tell. */
  readonly columns?: number;
};

export interface Runtime {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** From now on Node's own warnings go there, rather than to stderr as they are. */
  readonly onNodeWarning: (listener: (message: string) => void) => void;
  /** Whether the program was started with its standard output closed, as by `>&-`. */
  readonly isStdoutClosed: () => boolean;
  /** Absolute path that relative ones start from; null if the working directory is gone. */
  readonly cwd: string | null;
  /** Bits that a new file must not have, as umask(2). */
  readonly umask: number;
  readonly platform: NodeJS.Platform;
  /** Absolute path of the user's home directory. */
  readonly homedir: string;
  /** Our user id; null where the system has none. */
  readonly uid: number | null;
  /** Our process id. */
  readonly pid: number;
  /** Whether a process is running. */
  readonly isRunning: (pid: number) => boolean;
  /** The directory for temporary files, as the environment names it. */
  readonly tmpdir: string;
  readonly version: string;
  /** Aborted on a signal; the reason is an {@link Interrupted}. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
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

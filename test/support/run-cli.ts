// The program in process: arguments in, exit code and both outputs back.
import { tmpdir } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { type Clock, systemClock } from '../../src/clock.ts';
import { run } from '../../src/cli/run.ts';
import type { OutputStream } from '../../src/cli/runtime.ts';

export interface CliOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** What a person types; stdin is then a terminal. */
  readonly typed?: string;
  /** Null: the working directory was deleted. */
  readonly cwd?: string | null;
  readonly homedir?: string;
  readonly tmpdir?: string;
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
  /** Width of stdout's terminal in cells; absent: a pipe. */
  readonly stdoutColumns?: number;
  /** Width of stderr's terminal in cells; absent: a pipe. */
  readonly stderrColumns?: number;
  /** Whether stdout is missing. */
  readonly isStdoutClosed?: boolean;
  /** Shows a page to log in on. Absent: there is no desktop. */
  readonly openBrowser?: (page: URL) => boolean;
  /** What Ctrl-C does while the terminal passes it on as a key. */
  readonly interrupt?: () => void;
  /** Replaces stdout. */
  readonly stdout?: OutputStream;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
  /** The last line of stderr as JSON. Throws if it is none. */
  readonly error: () => Record<string, unknown>;
}

/** Ends the delays of retries at once; everything else is real. */
export const eagerClock: Clock = {
  ...systemClock,
  random: () => 0,
};

class Collector extends Writable {
  readonly chunks: Buffer[] = [];
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(columns: number | undefined) {
    super();
    this.isTTY = columns !== undefined;
    this.columns = columns ?? 0;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.chunks.push(Buffer.from(chunk));
    callback();
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** Runs the program as `glance-cli ...argv` would, with nothing of this machine's environment. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const stdout = new Collector(options.stdoutColumns);
  const stderr = new Collector(options.stderrColumns);
  const stdin = Object.assign(Readable.from([options.typed ?? options.stdin ?? '']), {
    isTTY: options.typed !== undefined,
  });
  const code = await run(argv, {
    env: options.env ?? {},
    stdin: () => stdin,
    stdout: options.stdout ?? stdout,
    stderr,
    cwd: options.cwd === undefined ? '/dev/null' : options.cwd,
    umask: 0o022,
    platform: 'linux',
    homedir: options.homedir ?? '/dev/null/home',
    uid: process.getuid?.() ?? null,
    pid: process.pid,
    isRunning: () => true,
    onNodeWarning: () => undefined,
    isStdoutClosed: () => options.isStdoutClosed === true,
    tmpdir: options.tmpdir ?? tmpdir(),
    version: '0.0.0-test',
    openBrowser: options.openBrowser ?? (() => false),
    interrupt: options.interrupt ?? (() => undefined),
    signal: options.signal ?? new AbortController().signal,
    clock: options.clock ?? eagerClock,
  });
  const text = stderr.bytes().toString('utf8');
  return {
    code,
    stdout: stdout.bytes().toString('utf8'),
    stdoutBytes: stdout.bytes(),
    stderr: text,
    error: () => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>,
  };
}

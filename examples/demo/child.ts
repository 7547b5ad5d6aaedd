// glance-cli as a child process: on the demo's own terminal if there is one, else through pipes.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { type DemoWorld, makeChildEnv } from './world.ts';

export interface CommandOptions {
  readonly cwd: string;
  /** Set on top of {@link makeChildEnv}. */
  readonly env: Readonly<Record<string, string>>;
  /** `shown` on the demo's stdout; `both` shown and collected; `collected` only. */
  readonly stdout: 'shown' | 'both' | 'collected';
  /** Called again and again; once it returns true, the command is interrupted as by Ctrl-C. */
  readonly interruptWhen?: (() => Promise<boolean>) | undefined;
}

export interface CommandResult {
  /** Exit status, or the name of the signal that ended it. */
  readonly exit: number | string;
  /** What it wrote on stdout. Empty where stdout was `shown`. */
  readonly stdout: Buffer;
}

/** No command of the demo takes longer than a moment; one that hangs is ended and counts as failed. */
const commandTimeoutMs = 60_000;
/** How long a process may take to end after SIGTERM. */
const stopTimeoutMs = 5000;
/** How often {@link CommandOptions.interruptWhen} is called. */
const pollMs = 20;

/**
 * Runs glance-cli to its end. On abort it is terminated, and the result is its signal.
 * @throws Error if it cannot be started
 */
export async function runCommand(
  world: DemoWorld,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const inherited = options.stdout === 'shown' && world.stdout.isTTY === true;
  const child = spawn(world.nodePath, [world.programPath, ...args], {
    cwd: options.cwd,
    env: makeChildEnv(world.env, options.env),
    stdio: ['ignore', inherited ? world.stdout : 'pipe', world.stderr.isTTY === true ? world.stderr : 'pipe'],
  });
  const stop = (): void => void stopChild(world, child);
  const cancelTimer = world.clock.startTimer(commandTimeoutMs, stop);
  world.signal.addEventListener('abort', stop, { once: true });
  try {
    const chunks: Buffer[] = [];
    if (options.stdout !== 'shown') child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    if (options.stdout !== 'collected') forward(child.stdout, world.stdout);
    forward(child.stderr, world.stderr);
    if (world.signal.aborted) stop();
    const cancelPolls = options.interruptWhen && interruptWhen(world, child, options.interruptWhen);
    const exit = await waitForEnd(child).finally(cancelPolls);
    return { exit, stdout: Buffer.concat(chunks) };
  } finally {
    cancelTimer();
    world.signal.removeEventListener('abort', stop);
  }
}

/** @returns a function that stops asking */
function interruptWhen(world: DemoWorld, child: ChildProcess, isTime: () => Promise<boolean>): () => void {
  const settled = new AbortController();
  const ask = async (): Promise<void> => {
    const isNow = await isTime();
    if (settled.signal.aborted) return;
    if (isNow) child.kill('SIGINT');
    else cancel = world.clock.startTimer(pollMs, () => void ask());
  };
  let cancel = world.clock.startTimer(pollMs, () => void ask());
  return () => {
    settled.abort();
    cancel();
  };
}

/**
 * Waits until a process has ended and its output is read.
 * @returns its exit status, or the name of the signal that ended it
 * @throws Error if it could not be started
 */
export function waitForEnd(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
}

/**
 * Asks a process to end with SIGTERM, and kills it if it has not after some seconds. Returns when it has ended. Never throws.
 */
export async function stopChild(world: Pick<DemoWorld, 'clock'>, child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.kill('SIGTERM');
  const cancelTimer = world.clock.startTimer(stopTimeoutMs, () => child.kill('SIGKILL'));
  await ended;
  cancelTimer();
}

function forward(from: Readable | null, to: Writable): void {
  from?.on('data', (chunk: Buffer) => to.write(chunk));
}

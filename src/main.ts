// The only file that knows `process`: makes the Runtime, turns signals into an AbortSignal, sets the exit code.
import { fstatSync } from 'node:fs';
import { systemClock } from './clock.ts';
import { isStdoutClosed } from './cli/console/closed-stdout.ts';
import { systemOf } from './client/system.ts';
import { Interrupted, type OutputStream, type Runtime } from './cli/runtime.ts';

import { DescriptorStream } from './transfer/flow/descriptor-stream.ts';
import { version } from './version.ts';

const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/** Milliseconds from an arbitrary start. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** Node prints its warnings by itself, and in a form of its own, unless somebody takes them. Those for developers are left out. */
function onNodeWarning(listener: (message: string) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'DeprecationWarning' && name !== 'ExperimentalWarning') listener(message);
  });
}

/** The version alone needs nothing of the program but this. @returns false if it cannot be written, which others explain */
async function printVersion(stdout: OutputStream): Promise<boolean> {
  stdout.on('error', () => undefined);
  const error = await new Promise<object | null | undefined>((done) => stdout.write(`${version}\n`, done));
  return !error || ('code' in error && error.code === 'EPIPE');
}

/** Runs the program in this process. */
export async function main(): Promise<void> {
  const controller = new AbortController();
  for (const name of signalNames) {
    process.once(name, () => controller.abort(new Interrupted(name)));
  }
  const runtime: Runtime = {
    ...systemOf(process),
    stdin: () => process.stdin,
    stdout: isRegularFile(1) ? new DescriptorStream(1) : process.stdout,
    stderr: process.stderr,
    onNodeWarning,
    isStdoutClosed: () => isStdoutClosed(process.ppid),
    version,
    openBrowser: async (page) => (await import('./cli/console/browser.ts')).openBrowser(process, page),
    interrupt: () => controller.abort(new Interrupted('SIGINT')),
    signal: controller.signal,
    // Without performance.now(), for which Node would load modules of its own.
    clock: { ...systemClock, monotonic: monotonicMs },
  };
  const argv = process.argv.slice(2);
  const isVersion = argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V');
  if (isVersion && !runtime.isStdoutClosed() && (await printVersion(runtime.stdout))) {
    process.exitCode = 0;
  } else {
    const { run } = await import('./cli/run.ts');
    process.exitCode = await run(argv, runtime);
  }
  for (const name of signalNames) process.removeAllListeners(name);
  const reason: unknown = controller.signal.reason;
  // The shell has to see that a signal ended us, or a loop around us would go on.
  if (reason instanceof Interrupted && process.exitCode > 128) process.kill(process.pid, reason.signalName);
}

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

/** Passes on Node's warnings, except those for developers. Node would print all of them itself, in its own format. */
function onNodeWarning(listener: (message: string) => void): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => {
    if (name !== 'DeprecationWarning' && name !== 'ExperimentalWarning') listener(message);
  });
}

/** Prints the version without loading the rest of the program. @returns false if that fails, which `run` then reports */
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
    // Not performance.now(), for which Node would load more modules.
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
  // The shell must see that a signal ended this process, or a loop around it would continue.
  if (reason instanceof Interrupted && process.exitCode > 128) process.kill(process.pid, reason.signalName);
}

// The only file that knows `process`: makes the Runtime, turns signals into an AbortSignal, sets the exit code.
import { homedir, tmpdir } from 'node:os';
import { fstatSync, readFileSync, statSync } from 'node:fs';
import { systemClock } from './clock.ts';
import { Interrupted, type OutputStream, type Runtime } from './cli/runtime.ts';
import { DescriptorStream } from './transfer/descriptor-stream.ts';
import { version } from './version.ts';

const signalNames = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function isRegularFile(fd: number): boolean {
  try {
    return fstatSync(fd).isFile();
  } catch {
    return false;
  }
}

/**
 * Node opens /dev/null for reading and writing in place of a closed descriptor, and what is written is lost without a word.
 * A shell's `>/dev/null` is open for writing only.
 */
function isStdoutClosed(): boolean {
  try {
    const { rdev } = fstatSync(1);
    if (!fstatSync(1).isCharacterDevice() || rdev !== statSync('/dev/null').rdev) return false;
    return /^flags:\s+\d*2$/m.test(readFileSync('/proc/self/fdinfo/1', 'utf8'));
  } catch {
    return false;
  }
}

/** Signal 0 is not sent; whether it could be is what is asked. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Milliseconds from an arbitrary start. */
function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The version alone needs nothing of the program but this. */
function printVersion(stdout: OutputStream): number {
  stdout.on('error', () => undefined);
  stdout.write(`${version}\n`);
  return 0;
}

/** Runs the program in this process. */
export async function main(): Promise<void> {
  const controller = new AbortController();
  for (const name of signalNames) {
    process.once(name, () => controller.abort(new Interrupted(name)));
  }
  const runtime: Runtime = {
    env: process.env,
    // Node makes it when it is asked for, and few commands read it.
    get stdin() {
      return process.stdin;
    },
    stdout: isRegularFile(1) ? new DescriptorStream(1) : process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    umask: process.umask(),
    platform: process.platform,
    homedir: homedir(),
    uid: process.getuid?.() ?? null,
    pid: process.pid,
    isRunning,
    isStdoutClosed,
    tmpdir: tmpdir(),
    version,
    signal: controller.signal,
    // Without performance.now(), for which Node would load modules of its own.
    clock: { ...systemClock, monotonic: monotonicMs },
  };
  const argv = process.argv.slice(2);
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    process.exitCode = printVersion(runtime.stdout);
  } else {
    const { run } = await import('./cli/run.ts');
    process.exitCode = await run(argv, runtime);
  }
  for (const name of signalNames) process.removeAllListeners(name);
  const reason: unknown = controller.signal.reason;
  // The shell has to see that a signal ended us, or a loop around us would go on.
  if (reason instanceof Interrupted && process.exitCode > 128) process.kill(process.pid, reason.signalName);
}

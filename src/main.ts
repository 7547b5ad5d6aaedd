// The only file that knows `process`: makes the Runtime, turns signals into an AbortSignal, sets the exit code.
import { homedir, tmpdir } from 'node:os';
import { fstatSync } from 'node:fs';
import { systemClock } from './clock.ts';
import { run } from './cli/run.ts';
import { Interrupted, type Runtime } from './cli/runtime.ts';
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

/** Signal 0 is not sent; whether it could be is what is asked. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Runs the program in this process. */
export async function main(): Promise<void> {
  const controller = new AbortController();
  for (const name of signalNames) {
    process.once(name, () => controller.abort(new Interrupted(name)));
  }
  const runtime: Runtime = {
    env: process.env,
    stdin: process.stdin,
    stdout: isRegularFile(1) ? new DescriptorStream(1) : process.stdout,
    stderr: process.stderr,
    cwd: process.cwd(),
    umask: process.umask(),
    platform: process.platform,
    homedir: homedir(),
    uid: process.getuid?.() ?? null,
    pid: process.pid,
    isRunning,
    tmpdir: tmpdir(),
    version,
    signal: controller.signal,
    clock: systemClock,
  };
  process.exitCode = await run(process.argv.slice(2), runtime);
  for (const name of signalNames) process.removeAllListeners(name);
  const reason: unknown = controller.signal.reason;
  // The shell has to see that a signal ended us, or a loop around us would go on.
  if (reason instanceof Interrupted && process.exitCode > 128) process.kill(process.pid, reason.signalName);
}

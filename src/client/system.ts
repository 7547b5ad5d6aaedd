// The machine and the user, as the engine sees them: one value, created by main.ts or by the library's caller.
import { statSync } from 'node:fs';
import { hostname, platform, tmpdir, userInfo } from 'node:os';
import { type Clock, systemClock } from '../clock.ts';
import { findHome, findWorkingDirectory } from '../local/places.ts';

export interface System {
  /** Environment variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path from which relative ones start; null if the working directory is gone. */
  readonly cwd: string | null;
  /** Permission bits that a new file must not have, as in umask(2). */
  readonly umask: number;
  readonly platform: NodeJS.Platform;
  /** Absolute path of the user's home directory. */
  readonly homedir: string;
  /** Our user id; null if the system has none. */
  readonly uid: number | null;
  /** Name of the machine, for people. Absent: unknown. */
  readonly hostname?: string;
  /** Our process id. */
  readonly pid: number;
  /** Whether a process is running. */
  readonly isRunning: (pid: number) => boolean;
  /** The directory for temporary files, from the environment. */
  readonly tmpdir: string;
  readonly clock: Clock;
}

type ProcessLike = Pick<NodeJS.Process, 'env' | 'platform' | 'pid' | 'umask' | 'kill'> & {
  readonly getuid?: () => number;
};

/** The system of a Node process, with its variables: `systemOf(process)`. */
export function systemOf(node: ProcessLike): System {
  return {
    env: node.env,
    cwd: findWorkingDirectory(),
    umask: node.umask(),
    platform: node.platform,
    homedir: findHome(),
    uid: node.getuid?.() ?? null,
    hostname: hostname(),
    pid: node.pid,
    isRunning: (pid) => isRunning(node, pid),
    tmpdir: tmpdir(),
    clock: systemClock,
  };
}

/** A system without a process: no variables, and no lock file is ever removed. */
export function bareSystem(env: System['env'] = {}): System {
  return {
    env,
    cwd: findWorkingDirectory(),
    umask: 0o022,
    platform: platform(),
    homedir: findHome(),
    uid: userId(),
    pid: 0,
    isRunning: () => true,
    tmpdir: tmpdir(),
    clock: systemClock,
  };
}

/** Signal 0 is not delivered; it only tests whether one could be. */
function isRunning(node: ProcessLike, pid: number): boolean {
  try {
    return node.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Null on Windows, where users have no numeric ids. */
function userId(): number | null {
  try {
    const { uid } = userInfo();
    return uid < 0 ? null : uid;
  } catch {
    // In a container, the user may be a mere number for which the system has no name.
    return statSync('/proc/self', { throwIfNoEntry: false })?.uid ?? null;
  }
}

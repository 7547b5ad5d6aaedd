// A lock in the form of a file, for places where no socket can be created. The file names its holder's process id and the
// time when the machine started, which show whether the holder is alive.
import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import { uptime } from 'node:os';
import type { Clock } from '../../clock.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../../local/open-flags.ts';
import { errnoOf } from '../../local/errno.ts';
import type { Lock, LockHolder, ProcessFacts } from './lock-holder.ts';

/** Room for two numbers and their names. */
const maxFileBytes = 256;
/**
 * Allows for adjustments of the clock between two computations of the start time, and for the time between creating a
 * lock and writing to it.
 */
const slackSeconds = 60;

/** Takes the lock, if its name is free. @returns null if it is not @throws Node's system errors */
export async function createLockFile(path: string, pid: number, clock: Clock): Promise<Lock | null> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    // Others who share the directory must be able to read it.
    const handle = await open(path, O_WRONLY + O_CREAT + O_EXCL + O_NOFOLLOW, 0o644);
    try {
      await handle.writeFile(JSON.stringify({ pid, boot: bootSeconds(clock) }));
      const { ino } = await handle.stat();
      return { release: () => release(path, ino) };
    } catch (error) {
      await unlink(path);
      throw error;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return null;
    throw error;
  }
}

async function release(path: string, ino: number): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.ino === ino) await unlink(path).catch(() => undefined);
}

/**
 * Whether the holder of a lock is alive, as far as its file tells. A kill between creating and writing leaves an empty
 * file; it counts as dead unless it is quite new.
 * @throws Node's system errors
 */
export async function readLockFile(path: string, facts: ProcessFacts, clock: Clock): Promise<LockHolder> {
  const handle = await open(path, constants.O_RDONLY + O_NOFOLLOW + O_NONBLOCK);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, 0);
    const { pid, boot } = parse(buffer.toString('utf8', 0, bytesRead));
    if (pid !== null && boot !== null) {
      const isSameBoot = Math.abs(boot - bootSeconds(clock)) < slackSeconds;
      // Ending "process 0" would end the caller's whole process group, so nobody must be told that id.
      return { isAlive: isSameBoot && facts.isRunning(pid), pid: pid === 0 ? null : pid };
    }
    const { mtimeMs } = await handle.stat();
    return { isAlive: Math.abs(clock.wallTime() - mtimeMs) < slackSeconds * 1000, pid: null };
  } finally {
    await handle.close();
  }
}

/** When the machine started, in seconds since 1970. */
function bootSeconds(clock: Clock): number {
  return Math.round(clock.wallTime() / 1000 - uptime());
}

/** Null for anything but a whole number. */
function parse(text: string): { readonly pid: number | null; readonly boot: number | null } {
  try {
    const { pid, boot } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    const toWhole = (value: unknown): number | null =>
      Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : null;
    return { pid: toWhole(pid), boot: toWhole(boot) };
  } catch {
    return { pid: null, boot: null };
  }
}

// A lock that is a file which tells who made it, for where no socket can be made: whether its holder lives is told by its
// number and the time when the machine was started.
import { constants } from 'node:fs';
import { lstat, open, unlink } from 'node:fs/promises';
import { uptime } from 'node:os';
import type { Clock } from '../../clock.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../../local/open-flags.ts';
import { errnoOf } from '../../local/errno.ts';
import type { Lock, LockHolder, ProcessFacts } from './lock-holder.ts';

/** Two numbers and their names. */
const maxFileBytes = 256;
/** Between two computations of when the machine was started, whose clock may have been put right, and between making a lock
 * and writing into it. */
const slackSeconds = 60;

/** Takes the lock, if nothing has its name. @returns null if something has @throws Node's system errors */
export async function createLockFile(path: string, pid: number, clock: Clock): Promise<Lock | null> {
  const { O_CREAT, O_EXCL, O_WRONLY } = constants;
  try {
    // Others who share the directory have to be able to read it.
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
 * Whether the holder of a lock lives, as far as its file tells. One that says nothing was left by a kill between its making and
 * its writing, unless it is quite new.
 * @throws Node's system errors
 */
export async function readLockFile(path: string, facts: ProcessFacts, clock: Clock): Promise<LockHolder> {
  const handle = await open(path, constants.O_RDONLY + O_NOFOLLOW + O_NONBLOCK);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(maxFileBytes), 0, maxFileBytes, 0);
    const { pid, boot } = parse(buffer.toString('utf8', 0, bytesRead));
    if (pid !== null && boot !== null) {
      const isSameBoot = Math.abs(boot - bootSeconds(clock)) < slackSeconds;
      // To whoever would end it 0 means all of one's own.
      return { isAlive: isSameBoot && facts.isRunning(pid), pid: pid === 0 ? null : pid };
    }
    const { mtimeMs } = await handle.stat();
    return { isAlive: Math.abs(clock.wallTime() - mtimeMs) < slackSeconds * 1000, pid: null };
  } finally {
    await handle.close();
  }
}

/** When the machine was started, in seconds since 1970. */
function bootSeconds(clock: Clock): number {
  return Math.round(clock.wallTime() / 1000 - uptime());
}

/** Null for what is no whole number. */
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

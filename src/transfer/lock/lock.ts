// Lets only one process write to a target, by means of a lock beside it: without write access to the target's directory,
// nobody can take the lock or get in its way. The lock is a socket that answers as long as its holder is alive; if
// sockets are not possible, it is a file that names its holder.
import { createHash } from 'node:crypto';
import { lstat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { HostFileSystem, HeldDirectory } from '../files/file-system.ts';
import { toIoError } from '../files/io-error.ts';
import { errnoOf } from '../../local/errno.ts';
import { createLockFile, readLockFile } from './lock-file.ts';
import type { Lock, LockHolder, ProcessFacts } from './lock-holder.ts';
import { createLockSocket, probeLockSocket } from './lock-socket.ts';

export type { Lock, ProcessFacts } from './lock-holder.ts';

/** A lock may come and go while we look at it. */
const maxAttempts = 5;
/** Maximum number of nested locks for removing a dead one; each level was left by a kill during such a removal. */
const maxDepth = 3;

/**
 * Takes the lock of a target, and removes one left by a killed process.
 * @param target absolute path, links resolved
 * @param fileSystem used only to hold a directory; absent: names are looked up as they are
 * @throws GlanceError `io.busy` if another process holds it; `io.not_regular` if something else has its name; `io.*`
 */
export async function lockTarget(
  target: string,
  facts: ProcessFacts,
  clock: Clock,
  fileSystem: Pick<HostFileSystem, 'hold'> = {},
): Promise<Lock> {
  const directory = await hold(fileSystem, dirname(target));
  try {
    const lock = await takeLock(lockPath(directory.path, target), 0, { target, facts, clock });
    return {
      release: async () => {
        await lock.release();
        await directory.close();
      },
    };
  } catch (error) {
    await directory.close();
    throw error;
  }
}

async function hold(fileSystem: Pick<HostFileSystem, 'hold'>, path: string): Promise<HeldDirectory> {
  try {
    return (await fileSystem.hold?.(path)) ?? { path, close: () => Promise.resolve() };
  } catch (error) {
    throw toIoError(error, path);
  }
}

/** Short, since the path of a socket is limited to about a hundred bytes. */
function lockPath(directory: string, target: string): string {
  const key = createHash('sha256').update(basename(target)).digest('hex').slice(0, 16);
  return join(directory, `.glance-cli-${key}.lock`);
}

/** Whether a name belongs to a lock for this target that a killed run was still creating. */
export function isUnfinishedLock(name: string, target: string): boolean {
  const start = `${basename(lockPath('', target))}.`;
  return name.startsWith(start) && /^(?:lock\.){0,3}[0-9a-f]{8}$/.test(name.slice(start.length));
}

interface LockScene {
  readonly target: string;
  readonly facts: ProcessFacts;
  readonly clock: Clock;
}

/** The path of a lock as the user knows it. */
function shownPath(path: string, { target }: LockScene): string {
  return join(dirname(target), basename(path));
}

async function takeLock(path: string, depth: number, scene: LockScene): Promise<Lock> {
  for (let attempt = 1; attempt <= maxAttempts; attempt++) {
    const made = await createLock(path, scene);
    if (made !== null) return made;
    const holder = await findHolder(path, scene);
    if (holder?.isAlive === true) throw busyError(path, holder, scene);
    if (holder !== null) await removeDead(path, depth, scene);
  }
  throw busyError(path, null, scene);
}

/**
 * Two processes that find the same dead lock could remove each other's new one. So only the holder of a second lock
 * removes the first, after looking again; until then, a dead lock stays where it is.
 */
async function removeDead(path: string, depth: number, scene: LockScene): Promise<void> {
  const shown = shownPath(path, scene);
  if (depth === maxDepth)
    throw new GlanceError('io.busy', `${shown}: left behind by killed runs`, { hint: 'remove it' });
  const right = await takeLock(`${path}.lock`, depth + 1, scene);
  try {
    const holder = await findHolder(path, scene);
    if (holder?.isAlive === false) await unlink(path);
  } catch (error) {
    throw toIoError(error, shown);
  } finally {
    await right.release();
  }
}

/** @returns null if there is one already @throws GlanceError `io.*` */
async function createLock(path: string, { target, facts, clock }: LockScene): Promise<Lock | null> {
  try {
    const made = facts.platform === 'linux' ? await createLockSocket(path, facts.pid) : 'unsupported';
    // If sockets are not possible, as on some network file systems, the file's failure explains why it cannot be created
    // either.
    return made === 'unsupported' ? await createLockFile(path, facts.pid, clock) : made;
  } catch (error) {
    throw toIoError(error, dirname(target));
  }
}

interface FoundHolder extends LockHolder {
  /** The owner of the lock, according to the system. */
  readonly uid: number;
  readonly isSocket: boolean;
}

/** @returns null if the lock is gone @throws GlanceError `io.not_regular` if it is not a lock; `io.*` */
async function findHolder(path: string, scene: LockScene): Promise<FoundHolder | null> {
  const { facts, clock } = scene;
  const shown = shownPath(path, scene);
  try {
    const status = await lstat(path);
    const isSocket = status.isSocket();
    if (!isSocket && !status.isFile())
      throw new GlanceError('io.not_regular', `${shown}: it is not a lock`, { hint: 'remove it' });
    const isOurs = facts.uid === null || facts.uid === status.uid;
    const holder = isSocket ? await probeLockSocket(path, isOurs, clock) : await readLockFile(path, facts, clock);
    return holder === null ? null : { ...holder, pid: isOurs ? holder.pid : null, uid: status.uid, isSocket };
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw toIoError(error, shown);
  }
}

function busyError(path: string, holder: FoundHolder | null, scene: LockScene): GlanceError {
  const { target, facts } = scene;
  const shown = shownPath(path, scene);
  if (holder !== null && typeof facts.uid === 'number' && holder.uid !== facts.uid) {
    const text = `${target}: its lock ${shown} belongs to another user, ${String(holder.uid)}`;
    return new GlanceError('io.busy', text, { hint: 'wait until it is gone, or choose another directory' });
  }
  const pid = holder?.pid ?? null;
  const who = pid === null ? 'another process' : `process ${String(pid)}`;
  const hint = holder?.isSocket === false ? `wait for it, or end it; if it is another program, remove ${shown}` : '';
  const text = `${target}: ${who} is downloading to it`;
  return new GlanceError('io.busy', text, { hint: hint || 'wait for it, or end it' });
}

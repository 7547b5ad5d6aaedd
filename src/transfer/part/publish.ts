// The last step: the finished file gets the target's name, its directory is synced, and leftovers of earlier runs go.
import { syncDirectory } from '../files/replace-file.ts';
import { dropClaim, isLeftOver } from './claim.ts';
import { constants } from 'node:fs';
import { dirname, join } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { O_NOFOLLOW } from '../../local/open-flags.ts';
import type { HostFileSystem } from '../files/file-system.ts';
import { toIoError } from '../files/io-error.ts';
import { errnoOf } from '../../local/errno.ts';
import { isUnfinishedLock } from '../lock/lock.ts';
import { partMode } from './record-file.ts';
import { createAnew } from '../files/replace-file.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/**
 * Gives a file, whose data is durable, the target's name, and makes that durable too.
 * @param part path of the file, in the target's directory
 * @param replace whether a file with that name may be replaced; otherwise one that came in the meantime is left alone
 * @throws GlanceError `io.exists`, `io.*`; the target is then unchanged, unless the message says that it is in place
 */
export async function publishFile(
  fileSystem: HostFileSystem,
  part: string,
  target: string,
  replace: boolean,
): Promise<void> {
  try {
    await (replace ? fileSystem.rename(part, target) : linkNew(fileSystem, part, target));
  } catch (error) {
    throw toIoError(error, target);
  }
  try {
    await syncDirectory(fileSystem, dirname(target));
  } catch (error) {
    const text = `${target}: it is in place and verified, but its directory could not be synced to the disk`;
    throw new GlanceError('io.error', text, { cause: error });
  }
  await sweep(fileSystem, target);
}

/**
 * Makes an existing file and its name durable: a killed run may have put it there a moment ago.
 * @throws GlanceError `io.*`
 */
export async function settleFile(fileSystem: HostFileSystem, target: string): Promise<void> {
  try {
    const file = await fileSystem.open(target, O_RDONLY, 0);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(fileSystem, dirname(target));
  } catch (error) {
    // If we lack the right to write to it, or to the names beside it, it was not us who put it there. Windows cannot sync a
    // file that was opened for reading.
    if (!['EACCES', 'EPERM'].includes(errnoOf(error))) throw toIoError(error, target);
  }
}

/** `link` fails if the name is taken, which `rename` does not. */
async function linkNew(fileSystem: HostFileSystem, part: string, target: string): Promise<void> {
  try {
    await fileSystem.link(part, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(errnoOf(error))) throw error;
    await claimAndRename(fileSystem, part, target);
    return;
  }
  // The target is in place and complete: failing to remove the second name is no error, and a later run sweeps it.
  await fileSystem.unlink(part).catch(() => undefined);
}

/**
 * For file systems without links: an empty file claims the name, so that only our own file is replaced. A note beside the part
 * tells a later run that the empty file is ours, in case this one is killed in between.
 */
async function claimAndRename(fileSystem: HostFileSystem, part: string, target: string): Promise<void> {
  const note = await createAnew(fileSystem, `${part}.claim`, partMode);
  await note.close();
  await syncDirectory(fileSystem, dirname(target));
  try {
    const claim = await fileSystem.open(target, O_WRONLY + O_CREAT + O_EXCL + O_NOFOLLOW, partMode);
    await claim.close();
  } catch (error) {
    await fileSystem.unlink(`${part}.claim`).catch(() => undefined);
    throw error;
  }
  await fileSystem.rename(part, target).catch(async (failure: unknown) => {
    await dropClaim(fileSystem, target).catch(() => undefined);
    throw failure;
  });
}

/**
 * Removes the parts and records that runs for this target left, of any image. The caller holds the target's lock.
 * Whatever cannot be removed stays: the target itself is finished.
 */
export async function sweep(fileSystem: HostFileSystem, target: string): Promise<void> {
  const names = await fileSystem.readdir(dirname(target)).catch(() => []);
  for (const name of names.filter((each) => isLeftOver(each, target) || isUnfinishedLock(each, target))) {
    await fileSystem.unlink(join(dirname(target), name)).catch(() => undefined);
  }
}

/** The error for a target that exists and must not be replaced. */
export function existsError(path: string, why: string): GlanceError {
  return new GlanceError('io.exists', `${path}: ${why}`, { hint: 'give `force` to replace it' });
}

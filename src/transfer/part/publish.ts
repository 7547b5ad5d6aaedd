// The last step: the finished file gets the target's name, its directory is synced, and what earlier runs left goes.
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { O_NOFOLLOW } from '../../open-flags.ts';
import type { FileSystem, OpenFile } from '../files/file-system.ts';
import { errnoOf, toIoError } from '../files/io-error.ts';
import { isUnfinishedLock } from '../lock/lock.ts';
import { createAnew, partMode, removingOnFailure, writeAll } from './record-file.ts';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;

/**
 * Gives a file, whose data is durable, the target's name, and makes that durable too.
 * @param part in the target's directory
 * @param replace whether a file of that name may be replaced; without it one that came meanwhile is left alone
 * @throws GlanceError `io.exists`, `io.*`; the target is then as it was, unless the message says that it is in place
 */
export async function publishFile(
  fileSystem: FileSystem,
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
 * Makes durable what stands under a name already: a run that was killed may have put it there a moment ago.
 * @throws GlanceError `io.*`
 */
export async function settleFile(fileSystem: FileSystem, target: string): Promise<void> {
  try {
    const file = await fileSystem.open(target, O_RDONLY, 0);
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await syncDirectory(fileSystem, dirname(target));
  } catch (error) {
    // Who may only read it, or the names beside it, has not put it there. Windows syncs nothing that is open for reading.
    if (!['EACCES', 'EPERM'].includes(errnoOf(error))) throw toIoError(error, target);
  }
}

/** `link` fails if the name is taken, which `rename` does not. */
async function linkNew(fileSystem: FileSystem, part: string, target: string): Promise<void> {
  try {
    await fileSystem.link(part, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(errnoOf(error))) throw error;
    await claimAndRename(fileSystem, part, target);
    return;
  }
  // The target is there and whole: a second name that cannot be taken away is no failure, and swept later.
  await fileSystem.unlink(part).catch(() => undefined);
}

/**
 * For file systems without links: the name is claimed by an empty file, so that only our own is replaced. A note beside the
 * part tells a later run whose it is, should this one be killed in between.
 */
async function claimAndRename(fileSystem: FileSystem, part: string, target: string): Promise<void> {
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
 * Takes away the empty file by which a run that was killed had claimed the target's name. The caller holds the target's lock.
 * @returns whether there was one
 * @throws GlanceError `io.*`
 */
export async function dropClaim(fileSystem: FileSystem, target: string): Promise<boolean> {
  try {
    const names = await fileSystem.readdir(dirname(target));
    const notes = names.filter((name) => isLeftOver(name, target) && name.endsWith('.claim'));
    const { size } = notes.length > 0 ? await fileSystem.lstat(target) : { size: -1 };
    if (size === 0) await fileSystem.unlink(target);
    for (const note of notes) {
      // oxlint-disable-next-line no-await-in-loop -- after the claim itself, or nobody would know whose it is
      await fileSystem.unlink(join(dirname(target), note));
    }
    return size === 0;
  } catch (error) {
    throw toIoError(error, target);
  }
}

/** Makes the names in a directory durable. Some network file systems cannot, nor can Windows (`EPERM`); that alone is let pass. */
export async function syncDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(path);
  } catch (error) {
    if (!['EINVAL', 'EISDIR', 'EPERM'].includes(errnoOf(error))) throw error;
  }
}

/**
 * Takes away the parts and records that runs for this target left, whatever image they were of. The caller holds the
 * target's lock. What cannot be taken away is left: the target itself is finished.
 */
export async function sweep(fileSystem: FileSystem, target: string): Promise<void> {
  const names = await fileSystem.readdir(dirname(target)).catch(() => []);
  for (const name of names.filter((each) => isLeftOver(each, target) || isUnfinishedLock(each, target))) {
    // oxlint-disable-next-line no-await-in-loop -- a handful at most
    await fileSystem.unlink(join(dirname(target), name)).catch(() => undefined);
  }
}

/** Whether a name in the target's directory is one that a run for this target may have left. */
function isLeftOver(name: string, target: string): boolean {
  const start = `.${basename(target)}.`;
  return name.startsWith(start) && /^[0-9a-f]{12}\.part(?:\.json(?:\.tmp)?|\.claim)?$/.test(name.slice(start.length));
}

/** Bytes that are written at once. */
const writeBytes = 256 * 1024;

/**
 * Replaces a text file in one step.
 * @param text in pieces of any length, taken as they are needed
 * @param mode permission bits of the file
 * @throws GlanceError `io.*`; the old file is then still there
 */
export async function writeReplacing(
  fileSystem: FileSystem,
  path: string,
  text: readonly string[] | Generator<string>,
  mode: number,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.tmp`);
  try {
    const file = await createAnew(fileSystem, temporary, mode);
    await removingOnFailure(fileSystem, temporary, async () => {
      try {
        await writeText(file, text);
        await file.sync();
      } finally {
        await file.close();
      }
      await fileSystem.rename(temporary, path);
    });
    await syncDirectory(fileSystem, dirname(path));
  } catch (error) {
    throw toIoError(error, path);
  }
}

async function writeText(file: OpenFile, text: Iterable<string>): Promise<void> {
  let [position, waiting] = [0, ''];
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(waiting);
    waiting = '';
    await writeAll(file, position, bytes);
    position += bytes.length;
  };
  for (const piece of text) {
    waiting += piece;
    // oxlint-disable-next-line no-await-in-loop -- in order
    if (waiting.length >= writeBytes) await flush();
  }
  await flush();
}

/** The error for a target that is there and is not to be replaced. */
export function existsError(path: string, why: string): GlanceError {
  return new GlanceError('io.exists', `${path}: ${why}`, { hint: 'give --force to replace it' });
}

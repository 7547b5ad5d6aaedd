// The last step: the finished file gets the target's name, its directory is synced, and what earlier runs left goes.
import { constants } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GlanceError } from '../errors.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { errnoOf, toIoError } from './io-error.ts';
import { writeAll } from './record-file.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDWR, O_TRUNC, O_WRONLY } = constants;

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

/** `link` fails if the name is taken, which `rename` does not. */
async function linkNew(fileSystem: FileSystem, part: string, target: string): Promise<void> {
  try {
    await fileSystem.link(part, target);
  } catch (error) {
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(errnoOf(error))) throw error;
    // The name is claimed first, so that only our own empty file is replaced.
    const claim = await fileSystem.open(target, O_RDWR + O_CREAT + O_EXCL + O_NOFOLLOW, 0o600);
    await claim.close();
    await fileSystem.rename(part, target).catch(async (failure: unknown) => {
      await fileSystem.unlink(target);
      throw failure;
    });
    return;
  }
  await fileSystem.unlink(part);
}

/** Makes the names in a directory durable. Some network file systems cannot; that alone is let pass. */
export async function syncDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(path);
  } catch (error) {
    if (!['EINVAL', 'EISDIR', 'ENOTSUP'].includes(errnoOf(error))) throw error;
  }
}

/**
 * Takes away the parts and records that runs for this target left, whatever image they were of. The caller holds the
 * target's lock. What cannot be taken away is left: the target itself is finished.
 */
export async function sweep(fileSystem: FileSystem, target: string): Promise<void> {
  const start = `.${basename(target)}.`;
  const names = await fileSystem.readdir(dirname(target)).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(start) || !/^[0-9a-f]{12}\.part(?:\.json(?:\.tmp)?)?$/.test(name.slice(start.length)))
      continue;
    // oxlint-disable-next-line no-await-in-loop -- a handful at most
    await fileSystem.unlink(join(dirname(target), name)).catch(() => undefined);
  }
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
    const file = await fileSystem.open(temporary, O_WRONLY + O_CREAT + O_TRUNC + O_NOFOLLOW, mode);
    try {
      await writeText(file, text);
      await file.sync();
    } finally {
      await file.close();
    }
    await fileSystem.rename(temporary, path);
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

// Replaces small files of ours in one step.
import { basename, dirname, join } from 'node:path';
import { toIoError } from './io-error.ts';
import { O_NOFOLLOW } from '../../local/open-flags.ts';
import { constants } from 'node:fs';
import type { HostFileSystem, OpenFile } from './file-system.ts';
import { errnoOf, unsyncable } from '../../local/errno.ts';

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

/** Works on a file of ours, and removes it if that fails. @throws what `work` throws */
export async function removingOnFailure(
  fileSystem: HostFileSystem,
  path: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    await fileSystem.unlink(path).catch(() => undefined);
    throw error;
  }
}

/**
 * Creates a file, open for writing, in place of whatever has its name: a leftover of ours, or something that others put
 * there and that must not be written to.
 * @throws Node's system errors
 */
export async function createAnew(fileSystem: HostFileSystem, path: string, mode: number): Promise<OpenFile> {
  const flags = O_WRONLY + O_CREAT + O_EXCL + O_NOFOLLOW;
  try {
    return await fileSystem.open(path, flags, mode);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    await fileSystem.unlink(path);
    return await fileSystem.open(path, flags, mode);
  }
}

/**
 * Creates a file as {@link createAnew} does, and makes what `write` puts into it durable; removes it if that fails.
 * @throws Node's system errors; what `write` throws
 */
export async function createSynced(
  fileSystem: HostFileSystem,
  path: string,
  mode: number,
  write: (file: OpenFile) => Promise<void>,
): Promise<void> {
  const file = await createAnew(fileSystem, path, mode);
  await removingOnFailure(fileSystem, path, async () => {
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** Writes all bytes, however few each call accepts. @throws Node's system errors */
export async function writeAll(file: OpenFile, position: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    done += await file.write(bytes, done, bytes.length - done, position + done);
  }
}

/** Makes the names in a directory durable, where that is possible. */
export async function syncDirectory(fileSystem: HostFileSystem, path: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(path);
  } catch (error) {
    if (!unsyncable.includes(errnoOf(error))) throw error;
  }
}

/** The name of a small file until it is complete. It is fixed, so that killed runs leave at most one such file. */
export function temporaryName(name: string): string {
  return `.${name}.tmp`;
}

/** Bytes to write at once. */
const writeBytes = 256 * 1024;

/**
 * Replaces a text file in one step.
 * @param text in pieces of any length, requested as needed
 * @param mode permission bits of the file
 * @throws GlanceError `io.*`; the old file is then still there
 */
export async function writeReplacing(
  fileSystem: HostFileSystem,
  path: string,
  text: readonly string[] | Generator<string>,
  mode: number,
): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path)));
  try {
    await createSynced(fileSystem, temporary, mode, (file) => writeText(file, text));
    await removingOnFailure(fileSystem, temporary, () => fileSystem.rename(temporary, path));
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
    if (waiting.length >= writeBytes) await flush();
  }
  await flush();
}

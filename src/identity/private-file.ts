// Small JSON files that nobody but their owner may read or have written: 0600 in 0700.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

const maxFileBytes = 4 * 1024 * 1024;
const directoryMode = 0o700;
const fileMode = 0o600;

/**
 * What the file holds. Null for anything odd: missing, somebody else's, readable by others, no JSON.
 * @param uid our user id; null where the system has none
 */
export async function readPrivate(path: string, uid: number | null): Promise<unknown> {
  try {
    const handle = await open(path, constants.O_RDONLY + constants.O_NOFOLLOW);
    try {
      const found = await handle.stat();
      const isOurs = uid === null || found.uid === uid;
      // The last six bits are what group and others may do.
      if (!isOurs || found.nlink !== 1 || found.size > maxFileBytes || found.mode % 0o100 !== 0) return null;
      return JSON.parse(await handle.readFile('utf8')) as unknown;
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

/**
 * Writes it whole or not at all: a run beside this one reads the old file or the new one. A failure is none.
 * @param uid our user id; null where the system has none
 */
export async function writePrivate(path: string, uid: number | null, content: object): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const directory = dirname(path);
  try {
    await mkdir(directory, { recursive: true, mode: directoryMode });
    if (!(await isPrivateDirectory(directory, uid))) return;
    const handle = await open(temporary, constants.O_WRONLY + constants.O_CREAT + constants.O_EXCL, fileMode);
    try {
      await handle.writeFile(JSON.stringify(content));
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

async function isPrivateDirectory(path: string, uid: number | null): Promise<boolean> {
  const found = await lstat(path);
  return found.isDirectory() && (uid === null || found.uid === uid) && found.mode % 0o100 === 0;
}

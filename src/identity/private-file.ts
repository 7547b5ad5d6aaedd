// Small JSON files that nobody but their owner may read or have written: 0600 in 0700.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { lstat, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeDirectories } from '../make-directories.ts';
import { O_NOFOLLOW } from '../open-flags.ts';

const maxFileBytes = 4 * 1024 * 1024;
const directoryMode = 0o700;
const fileMode = 0o600;

/**
 * What the file holds. Null for anything odd: missing, somebody else's, readable by others, no JSON.
 * @param uid our user id; null where the system has none
 */
export function readPrivate(path: string, uid: number | null): unknown {
  try {
    const descriptor = openSync(path, constants.O_RDONLY + O_NOFOLLOW);
    try {
      const found = fstatSync(descriptor);
      if (!isPrivate(found, uid) || found.nlink !== 1 || found.size > maxFileBytes) return null;
      return JSON.parse(readFileSync(descriptor, 'utf8')) as unknown;
    } finally {
      closeSync(descriptor);
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
    await makeDirectories(directory, directoryMode);
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
  return found.isDirectory() && isPrivate(found, uid);
}

/** Ours alone. The last six bits are what group and others may do; they say nothing where the system has no user ids. */
function isPrivate({ uid: owner, mode }: Stats, uid: number | null): boolean {
  return uid === null || (owner === uid && mode % 0o100 === 0);
}

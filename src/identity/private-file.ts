// Small JSON files that only their owner may read or write: 0600 in 0700. If others could swap files, nothing is kept.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirectories } from '../local/make-directories.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../local/open-flags.ts';

const maxFileBytes = 4 * 1024 * 1024;
const directoryMode = 0o700;
const fileMode = 0o600;
/** Name of the directory that holds everything the program keeps. */
export const programDirectory = 'glance-cli';

/**
 * Reads a private file. Null for anything odd: missing, somebody else's, readable by others, not JSON, or in a
 * directory that others can access.
 * @param uid our user id; null if the system has none
 */
export function readPrivate(path: string, uid: number | null): unknown {
  try {
    if (!isInPrivate(path, uid)) return null;
    const descriptor = openSync(path, constants.O_RDONLY + O_NOFOLLOW + O_NONBLOCK);
    try {
      const found = fstatSync(descriptor);
      if (!found.isFile() || !isPrivate(found, uid) || found.nlink !== 1 || found.size > maxFileBytes) return null;
      return JSON.parse(readFileSync(descriptor, 'utf8')) as unknown;
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return null;
  }
}

/**
 * Writes a private file completely or not at all: a concurrent run reads the old one or the new one. Failures are
 * ignored.
 * @param uid our user id; null if the system has none
 */
export async function writePrivate(path: string, uid: number | null, content: object): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await makeDirectories(dirname(path), directoryMode);
    if (!isInPrivate(path, uid)) return;
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

/**
 * Whether only we can access the file's directory, and only we can change the program's own directory above it.
 * Otherwise others could give our files each other's names.
 * @throws Node's system errors
 */
function isInPrivate(path: string, uid: number | null): boolean {
  const directory = dirname(path);
  const found = lstatSync(directory);
  if (!found.isDirectory() || !isPrivate(found, uid)) return false;
  const above = dirname(directory);
  return basename(above) !== programDirectory || uid === null || isUnchanging(above, uid);
}

/** The path may be a symbolic link, if it is ours. */
function isUnchanging(path: string, uid: number): boolean {
  const { uid: owner, mode } = statSync(path);
  const isWritable = [0o20, 0o2].some((bit) => Math.floor(mode / bit) % 2 === 1);
  return owner === uid && !isWritable && lstatSync(path).uid === uid;
}

/**
 * Whether only we can access it. The last six bits are the permissions of group and others; they mean nothing if the
 * system has no user ids.
 */
function isPrivate({ uid: owner, mode }: Stats, uid: number | null): boolean {
  return uid === null || (owner === uid && mode % 0o100 === 0);
}

/**
 * Removes the files in a directory whose names are ours. If the directory is a symbolic link, nothing is removed.
 * @returns their names
 */
export async function removePrivate(directory: string, isOurs: (name: string) => boolean): Promise<readonly string[]> {
  const found = await lstat(directory).catch(() => null);
  if (found?.isDirectory() !== true) return [];
  const ours = (await readdir(directory).catch(() => [])).filter(isOurs);
  await Promise.all(ours.map((name) => rm(join(directory, name), { force: true })));
  return ours;
}

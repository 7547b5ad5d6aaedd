// Small JSON files that nobody but their owner may read or have written: 0600 in 0700. Where others could put one file in the
// place of another, nothing is kept.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, type Stats, statSync } from 'node:fs';
import { lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeDirectories } from '../local/make-directories.ts';
import { O_NOFOLLOW, O_NONBLOCK } from '../local/open-flags.ts';

const maxFileBytes = 4 * 1024 * 1024;
const directoryMode = 0o700;
const fileMode = 0o600;
/** Name of the directory that holds all that the program keeps. */
export const programDirectory = 'glance-cli';

/**
 * What the file holds. Null for anything odd: missing, somebody else's, readable by others, in a directory that is not ours
 * alone, no JSON.
 * @param uid our user id; null where the system has none
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
 * Writes it whole or not at all: a run beside this one reads the old file or the new one. A failure is none.
 * @param uid our user id; null where the system has none
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
 * Whether the directory of a file is ours alone, and the program's own above it one that nobody else can change: else its
 * files could be given each other's names. @throws Node's system errors
 */
function isInPrivate(path: string, uid: number | null): boolean {
  const directory = dirname(path);
  const found = lstatSync(directory);
  if (!found.isDirectory() || !isPrivate(found, uid)) return false;
  const above = dirname(directory);
  return basename(above) !== programDirectory || uid === null || isUnchanging(above, uid);
}

/** A link of ours may lead to it. */
function isUnchanging(path: string, uid: number): boolean {
  const { uid: owner, mode } = statSync(path);
  const isWritable = [0o20, 0o2].some((bit) => Math.floor(mode / bit) % 2 === 1);
  return owner === uid && !isWritable && lstatSync(path).uid === uid;
}

/** Ours alone. The last six bits are what group and others may do; they say nothing where the system has no user ids. */
function isPrivate({ uid: owner, mode }: Stats, uid: number | null): boolean {
  return uid === null || (owner === uid && mode % 0o100 === 0);
}

/**
 * Takes away the files of a directory whose names are ours; none behind a link in its place.
 * @returns their names
 */
export async function removePrivate(directory: string, isOurs: (name: string) => boolean): Promise<readonly string[]> {
  const found = await lstat(directory).catch(() => null);
  if (found?.isDirectory() !== true) return [];
  const ours = (await readdir(directory).catch(() => [])).filter(isOurs);
  await Promise.all(ours.map((name) => rm(join(directory, name), { force: true })));
  return ours;
}

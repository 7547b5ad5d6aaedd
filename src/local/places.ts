// The working directory and the user's home, which some machines lack, and what a path that the user gives means.
import { devNull, homedir, userInfo } from 'node:os';
import { isAbsolute, posix, resolve, sep, win32 } from 'node:path';
import { GlanceError } from '../errors.ts';

/** The working directory; null if it was removed or is not accessible. */
export function findWorkingDirectory(): string | null {
  try {
    return resolve();
  } catch {
    return null;
  }
}

/**
 * The user's home directory: HOME if it is absolute, otherwise what the system says. If there is none, as in a
 * container whose user is a mere number, a path below which nothing can exist.
 */
export function findHome(): string {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const home = find();
      if (isAbsolute(home)) return home;
    } catch {
      // The system does not know the user.
    }
  }
  return devNull;
}

/**
 * Makes the user's path absolute.
 * @param cwd absolute; null if there is no working directory
 * @throws GlanceError `io.missing` for a relative path without a working directory
 */
export function absolutePath(cwd: string | null, path: string): string {
  if (cwd !== null) return resolve(cwd, path);
  if (isAbsolute(path)) return path;
  throw new GlanceError('io.missing', `${path}: the working directory, where this path starts, no longer exists`, {
    hint: 'change to an existing directory, or give an absolute path',
  });
}

/** Where paths that settings name start, and what `~` in them is. */
export interface UserPlace {
  /** Environment variables. An empty one counts as unset. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path from which relative ones start; null if the working directory is gone. */
  readonly cwd: string | null;
  readonly platform: NodeJS.Platform;
  readonly homedir: string;
}

/**
 * Makes a path from a setting absolute: `~` is the home directory, as no shell has expanded it; relative paths start from the
 * working directory.
 * @throws GlanceError `io.missing` for a relative path if the working directory is gone
 */
export function expandPath(place: UserPlace, path: string): string {
  const isHome = path === '~' || path.startsWith('~/') || (place.platform === 'win32' && path.startsWith('~\\'));
  const written = isHome ? homeOf(place) + path.slice(1) : path;
  return place.cwd === null ? absolutePath(null, written) : pathsOf(place).resolve(place.cwd, written);
}

export function pathsOf({ platform }: Pick<UserPlace, 'platform'>): typeof posix {
  return platform === 'win32' ? win32 : posix;
}

/** Where the user's own settings are. Within a snap, HOME is the snap's own, and SNAP_REAL_HOME is the user's. */
export function homeOf(place: Pick<UserPlace, 'env' | 'homedir'>): string {
  return place.env['SNAP_REAL_HOME'] || place.homedir;
}

/** Whether a path can only mean a directory, whether or not it exists: it ends in a separator, in `.` or in `..`. */
export function namesDirectory(path: string): boolean {
  return ['', '.', '..'].includes(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf(sep)) + 1));
}

/**
 * Makes the path of a file to write absolute.
 * @param cwd absolute; null if there is no working directory
 * @throws GlanceError `io.not_regular` if it {@link namesDirectory}; `io.missing` as {@link absolutePath}
 */
export function absoluteFilePath(cwd: string | null, path: string): string {
  if (!namesDirectory(path)) return absolutePath(cwd, path);
  throw new GlanceError('io.not_regular', `${path}: it names a directory`, { hint: 'name a file' });
}

// Where the program stands: the working directory and the user's home, on machines too where there is none.
import { devNull, homedir, userInfo } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { GlanceError } from '../errors.ts';

/** The working directory; null if it was removed, or may not be looked at. */
export function findWorkingDirectory(): string | null {
  try {
    return resolve();
  } catch {
    return null;
  }
}

/**
 * The user's home directory: HOME where it is absolute, else what the system knows. Where there is none, as in a container
 * whose user is a mere number, a path below which nothing can be.
 */
export function findHome(): string {
  for (const find of [homedir, () => userInfo().homedir]) {
    try {
      const home = find();
      if (isAbsolute(home)) return home;
    } catch {
      // The system knows no such user.
    }
  }
  return devNull;
}

/**
 * The path that a user means by one that may be relative.
 * @param cwd absolute; null if there is no working directory
 * @throws GlanceError `io.missing` for a relative path that has nothing to start from
 */
export function absolutePath(cwd: string | null, path: string): string {
  if (cwd !== null) return resolve(cwd, path);
  if (isAbsolute(path)) return path;
  throw new GlanceError('io.missing', `${path}: the working directory, where this path starts, is gone`, {
    hint: 'change to an existing directory, or give an absolute path',
  });
}

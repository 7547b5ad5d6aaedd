// The target's name: checked again under its lock, and the empty file that claims it on file systems without links.
import { fileTarget, type FileTarget } from '../files/target.ts';
import { basename, dirname, join } from 'node:path';
import { GlanceError } from '../../errors.ts';
import type { HostFileSystem } from '../files/file-system.ts';
import { toIoError } from '../files/io-error.ts';
import { errnoOf } from '../../local/errno.ts';

/**
 * What is at the target once nobody else downloads to it: since the first look, a file may have appeared, disappeared or been
 * claimed.
 * @param target the target, whose lock the caller holds
 * @throws GlanceError `io.not_regular` if it is no longer a file; `io.*`
 */
export async function lookAgain(fileSystem: HostFileSystem, target: FileTarget): Promise<FileTarget> {
  const { path } = target;
  const found = await fileSystem.lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw toIoError(error, path);
  });
  if (found === null || (found.size === 0 && found.isFile() && (await dropClaim(fileSystem, path)))) {
    return fileTarget(path);
  }
  if (!found.isFile()) throw new GlanceError('io.not_regular', `${path}: it is not a regular file any more`);
  return { kind: 'file', path, existingSize: found.size, existingMode: found.mode % 0o1000 };
}

/**
 * Removes the empty file by which a killed run had claimed the target's name. The caller holds the target's lock.
 * @returns whether there was one
 * @throws GlanceError `io.*`
 */
export async function dropClaim(fileSystem: HostFileSystem, target: string): Promise<boolean> {
  try {
    const names = await fileSystem.readdir(dirname(target));
    const notes = names.filter((name) => isLeftOver(name, target) && name.endsWith('.claim'));
    const { size } = notes.length > 0 ? await fileSystem.lstat(target) : { size: -1 };
    if (size === 0) await fileSystem.unlink(target);
    for (const note of notes) {
      await fileSystem.unlink(join(dirname(target), note));
    }
    return size === 0;
  } catch (error) {
    throw toIoError(error, target);
  }
}

/** Whether a name in the target's directory may have been left by a run for this target. */
export function isLeftOver(name: string, target: string): boolean {
  const start = `.${basename(target)}.`;
  return name.startsWith(start) && /^[0-9a-f]{12}\.part(?:\.json(?:\.tmp)?|\.claim)?$/.test(name.slice(start.length));
}

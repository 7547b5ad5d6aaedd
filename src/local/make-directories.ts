// Directories made with those above them. Node's own recursive mkdir asks again without end where a directory that is there
// answers ENOENT to whoever makes something in it, as those of /proc and of an automounter do.
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a directory and those above it that are not there. Each is tried twice at most.
 * @param path absolute
 * @param mode permission bits of those that are made
 * @throws Node's system errors: `EEXIST` where something else has the name; `ENOENT` where none can be made
 */
export async function makeDirectories(path: string, mode = 0o777): Promise<void> {
  const parent = dirname(path);
  if ((await makeOne(path, mode)) || parent === path) return;
  await makeDirectories(parent, mode);
  await mkdir(path, mode).catch(async (error: unknown) => {
    if (!(await isDirectory(path))) throw error;
  });
}

/** @returns false if there is no directory to make it in */
async function makeOne(path: string, mode: number): Promise<boolean> {
  try {
    await mkdir(path, mode);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    if (await isDirectory(path)) return true;
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

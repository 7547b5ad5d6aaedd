// Creates directories and those above them. Node's own recursive mkdir retries without end if an existing directory
// answers ENOENT to anybody who creates something in it, as those of /proc and of an automounter do.
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates a directory, and missing ones above it. Each is tried at most twice.
 * @param path absolute
 * @param mode permission bits of the new directories
 * @throws Node's system errors: `EEXIST` if something else has the name; `ENOENT` if none can be created
 */
export async function makeDirectories(path: string, mode = 0o777): Promise<void> {
  const parent = dirname(path);
  if ((await makeOne(path, mode)) || parent === path) return;
  await makeDirectories(parent, mode);
  await mkdir(path, mode).catch(async (error: unknown) => {
    if (!(await isDirectory(path))) throw error;
  });
}

/** @returns false if the directory above it is missing */
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

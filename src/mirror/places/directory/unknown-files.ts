// Finds what is in the directory of a mirror but not in its index.
import { join } from 'node:path';
import { GlanceError } from '../../../errors.ts';
import type { InsideDirectory } from '../../../transfer/files/inside.ts';
import { isAuditPath } from '../../audit-file.ts';
import { indexName, isDataPath, type MirrorIndex, sumsNames } from '../../index-file.ts';
import { sortUnknown, type UnknownFile, unknownOf } from '../../unknown-files.ts';

const looksAtOnce = 8;

/**
 * Sorted by path. Leaves out the dot files from which an unfinished run resumes.
 * @throws Node's system errors; GlanceError `io.not_regular`
 */
export async function findUnknown(inside: InsideDirectory, index: MirrorIndex): Promise<readonly UnknownFile[]> {
  const own = new Set([indexName, ...Object.values(sumsNames)]);
  const found: UnknownFile[] = [];
  const names = (await inside.readdir(inside.root)).filter((name) => !own.has(name) && !name.startsWith('.')).values();
  const look = async (): Promise<void> => {
    for (const name of names) found.push(...(await findBelow(inside, name, index)));
  };
  const ends = await Promise.allSettled(Array.from({ length: looksAtOnce }, look));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return sortUnknown(found);
}

async function findBelow(inside: InsideDirectory, name: string, index: MirrorIndex): Promise<readonly UnknownFile[]> {
  try {
    return await findIn(inside, name, index);
  } catch (error) {
    if (!(error instanceof GlanceError) || error.code !== 'io.not_regular') throw error;
    // Whatever takes the place of a listed image's directory is reported with the image.
    return index.entries.has(name) ? [] : [{ path: name, status: 'stray' }];
  }
}

async function findIn(inside: InsideDirectory, id: string, { entries }: MirrorIndex): Promise<readonly UnknownFile[]> {
  const names = await inside.readdir(join(inside.root, id));
  const shown = names.filter((name) => !name.startsWith('.')).map((name) => `${id}/${name}`);
  const paths = shown.filter((path) => !isAuditPath(path));
  const entry = entries.get(id);
  const data: string[] = [];
  for (const path of entry === undefined ? paths.filter((each) => isDataPath(id, each)) : []) {
    if ((await inside.lstat(join(inside.root, path))).isFile()) data.push(path);
  }
  return unknownOf(id, paths, data, entry);
}

// What is in the directory of a mirror and not in its index: images that a run which was killed had finished, and files that
// no mirror put there.
import { join } from 'node:path';
import type { InsideDirectory } from '../../../transfer/files/inside.ts';
import { digestsName } from '../../digests-file.ts';
import { failureName } from '../../failure-file.ts';
import { dataPath, indexName, isOwnId, type MirrorIndex, recordName, sumsNames } from '../../index-file.ts';

const looksAtOnce = 8;

export interface UnknownFile {
  /** Below the mirror. */
  readonly path: string;
  /** `unlisted`: image data, which has its name only when it is whole. */
  readonly status: 'unlisted' | 'stray';
}

/**
 * Sorted by path. What an unfinished run goes on from (dot files) is none of them.
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
  return found.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

async function findBelow(inside: InsideDirectory, name: string, index: MirrorIndex): Promise<readonly UnknownFile[]> {
  if ((await inside.lstat(join(inside.root, name))).isDirectory()) return await findIn(inside, name, index);
  // What stands in place of a listed image's directory is told of with the image.
  return index.entries.has(name) ? [] : [{ path: name, status: 'stray' }];
}

async function findIn(inside: InsideDirectory, id: string, { entries }: MirrorIndex): Promise<readonly UnknownFile[]> {
  const names = await inside.readdir(join(inside.root, id));
  const paths = names.filter((name) => !name.startsWith('.')).map((name) => `${id}/${name}`);
  const [record, digests, failure] = [`${id}/${recordName}`, `${id}/${digestsName}`, `${id}/${failureName}`];
  const entry = entries.get(id);
  if (entry !== undefined) {
    const own = [entry.file, record, digests, failure];
    return paths.filter((path) => !own.includes(path)).map((path) => ({ path, status: 'stray' }));
  }
  const data: string[] = [];
  for (const path of paths.filter((each) => isDataPath(id, each))) {
    if ((await inside.lstat(join(inside.root, path))).isFile()) data.push(path);
  }
  // Digests and record come after the data, and why there is none is known without it.
  const own = [...data, ...(isOwnId(id) ? [failure] : []), ...(data.length > 0 ? [digests, record] : [])];
  const strays = paths.filter((path) => !own.includes(path));
  return [
    ...data.map((path) => ({ path, status: 'unlisted' }) as const),
    ...strays.map((path) => ({ path, status: 'stray' }) as const),
  ];
}

/** Whether that is where a mirror puts the data of an image. */
function isDataPath(id: string, path: string): boolean {
  const format = path.slice(2 * id.length + 2);
  return isOwnId(id) && path === dataPath({ id, disk_format: format });
}

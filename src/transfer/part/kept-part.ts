// Looks at what an earlier run left of an image, without changing it.
import { constants } from 'node:fs';
import { O_NOFOLLOW } from '../../local/open-flags.ts';
import type { HostFileSystem, OpenFile } from '../files/file-system.ts';
import { closeRead } from '../files/small-file.ts';
import type { ImageIdentity } from '../flow/source.ts';
import { partKey, partPath } from './part-record.ts';
import { readPieces } from './record-file.ts';

/**
 * The number of bytes from which a run would resume, if they still match the record.
 * @param target absolute path, links resolved
 * @param uid our user id; null if users have none
 */
export async function countKept(
  fileSystem: HostFileSystem,
  target: string,
  identity: ImageIdentity,
  uid: number | null,
): Promise<number> {
  const path = partPath(target, partKey(identity));
  let file: OpenFile;
  try {
    file = await fileSystem.open(path, constants.O_RDONLY + O_NOFOLLOW, 0);
  } catch {
    return 0;
  }
  try {
    const status = await file.stat();
    if (!status.isFile() || status.nlink !== 1 || (uid !== null && status.uid !== uid)) return 0;
    const pieces = (await readPieces(fileSystem, `${path}.json`, identity, status.size)) ?? [];
    return pieces.reduce((sum, { length }) => sum + length, 0);
  } finally {
    await closeRead(file);
  }
}

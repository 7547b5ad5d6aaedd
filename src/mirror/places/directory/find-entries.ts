// Finds images whose own files show them to be complete, as workers leave them: record, digests and data agree.
import { join } from 'node:path';
import type { InsideDirectory } from '../../../transfer/files/inside.ts';
import type { MirrorEntry } from '../../entry-store.ts';
import { isOwnId, recordHash } from '../../index-file.ts';
import { agrees } from '../../verify.ts';
import type { MirrorFiles } from './mirror-files.ts';

/** Yields those that the index does not know. @throws Node's system errors for a directory that cannot be read */
export async function* findEntries(
  inside: InsideDirectory,
  files: MirrorFiles,
  isKnown: (id: string) => boolean,
): AsyncGenerator<MirrorEntry, void, undefined> {
  for (const id of await inside.readdir(inside.root)) {
    if (!isOwnId(id) || isKnown(id)) continue;
    const entry = await findEntry(inside, files, id);
    inside.letGo(files.path(id));
    if (entry !== null) yield entry;
  }
}

/** Null if the image is incomplete. */
async function findEntry(inside: InsideDirectory, files: MirrorFiles, id: string): Promise<MirrorEntry | null> {
  const [text, kept] = [await files.findRecordText(id), await files.findDigests(id)];
  if (text === null || kept === null) return null;
  const { size, digests } = kept;
  const entry = { id, file: `${id}/${kept.file}`, size, digests, record: recordHash(text) };
  if (!agrees(entry, text, id) || (await files.findData(id)) !== entry.file) return null;
  const status = await inside.lstat(join(inside.root, entry.file)).catch(() => null);
  return status !== null && status.isFile() && status.size === size ? entry : null;
}

// Digests that a vendor's list of checksums names, each list read once for a connection. Who signed a list is not checked.
import type { Digest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import type { Connection } from '../connection.ts';
import { type ChecksumList, findListed } from './find-listed.ts';
import { readChecksumList } from './read-list.ts';

const lists = new WeakMap<Connection, Map<string, Promise<ChecksumList>>>();

/** Reads a list, unless it was read before. @throws as `readChecksumList` */
export async function loadChecksumList(
  connection: Connection,
  from: string,
  signal: AbortSignal,
): Promise<ChecksumList> {
  const known = lists.get(connection) ?? new Map<string, Promise<ChecksumList>>();
  lists.set(connection, known);
  const reading = known.get(from) ?? readChecksumList(connection, from, signal);
  known.set(from, reading);
  try {
    return await reading;
  } catch (error) {
    // Whoever tries again later is to read it anew.
    known.delete(from);
    throw error;
  }
}

/** Which list, and which of its entries. */
export interface ListChoice {
  /** An http or https URL, or the path of a file. Absent: none. */
  readonly from: string | undefined;
  /** Name of the entry. Absent: that of the file or image. */
  readonly entry: string | undefined;
}

/**
 * The digests that a list names; none without a list.
 * @param name of the file or image; null where it has none
 * @throws GlanceError `usage.option` for an entry without a list; `integrity.unprovable` without that entry;
 * `integrity.contradiction`; as {@link loadChecksumList}
 */
export async function listedDigests(
  connection: Connection,
  { from, entry }: ListChoice,
  name: string | null,
  signal: AbortSignal,
): Promise<readonly Digest[]> {
  if (from === undefined) {
    if (entry === undefined) return [];
    throw new GlanceError('usage.option', '`againstName` works with a list of checksums only');
  }
  const list = await loadChecksumList(connection, from, signal);
  const wanted = entry ?? name ?? '';
  if (wanted !== '') return findListed(list, wanted);
  throw new GlanceError('integrity.unprovable', 'the image has no name to look for in the list of checksums', {
    hint: 'give the name of its entry as `againstName`',
  });
}

// Digests from a vendor's list of checksums. A connection reads each list only once. Nobody checks who signed a list.
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
    // A later attempt has to read it again.
    known.delete(from);
    throw error;
  }
}

/** Which list, and which of its entries. */
interface ListChoice {
  /** An http or https URL, or the path of a file. Absent: no list. */
  readonly from: string | undefined;
  /** Name of the entry. Absent: the name of the file or image. */
  readonly entry: string | undefined;
}

/**
 * The digests that a list names; empty without a list.
 * @param name of the file or image; null if it has none
 * @throws GlanceError `usage.option` for an entry without a list; `integrity.unprovable` if the list lacks the entry;
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

// Describes the contents of an image for people.
import type { Contents } from '../../disk/contents/contents.ts';
import { countOf } from '../../text/count.ts';
import type { Field } from '../record.ts';
import { formatBytes } from '../size.ts';

const reasons: Readonly<Record<NonNullable<Contents['why']>, string>> = {
  no_ranges: 'not read: its store does not support ranges; `spool` fetches the whole image first',
  limit: 'not all of it was read; `contentsLimit` raises the limit',
  damaged: 'not all of it could be read: something in it is damaged',
  unsupported: 'not all of it could be read: some of it is not supported',
  unavailable: 'not all of it could be read: its store failed',
};

/**
 * The fields of a report that describe what is in an image, without unknown ones.
 * @param hasFileSystems whether to include the file systems
 * @param wordAdvice rewords advice for its reader
 */
export function describeContents(
  contents: Contents,
  hasFileSystems: boolean,
  wordAdvice: (advice: string) => string,
): readonly Field[] {
  const { os, kernels, packages, cloud_init, guest_agent, machine_id, filesystems, bytes_read, requests, why } =
    contents;
  const rows: readonly (readonly [string, string | null])[] = [
    ['system', describeSystem(contents)],
    ['architecture', os?.architecture ?? null],
    ['kernels', kernels === null ? null : list(kernels.map(({ version }) => version ?? 'of an unknown version'))],
    ['packages', packages === null ? null : describePackages(packages)],
    ['cloud-init', cloud_init === null ? null : list(cloud_init.datasources ?? ['yes'])],
    ['guest agent', guest_agent === null ? null : guest_agent ? 'yes' : 'no'],
    ['machine id', machine_id],
    ['file systems', hasFileSystems && filesystems.length > 0 ? list(filesystems.map(nameFileSystem)) : null],
    ['looked at', requests === 0 ? null : `${formatBytes(bytes_read)} in ${countOf(requests, 'read')}`],
    ['note', why === null ? null : wordAdvice(reasons[why])],
  ];
  return rows.flatMap(([key, text]) => (text === null ? [] : [{ key, text }]));
}

/** The system inside, or why it is unknown; null if there is nothing to say. */
export function describeSystem({ os, why, read }: Contents): string | null {
  if (os !== null) return os.pretty_name ?? [os.name ?? os.id, os.version_id].filter((part) => part !== null).join(' ');
  if (why === 'no_ranges') return null;
  return read && why === null ? 'none was found' : 'unknown';
}

function nameFileSystem(filesystem: Contents['filesystems'][number]): string {
  return [filesystem.partition, describeFileSystem(filesystem)].filter((part) => part !== null).join(' ');
}

/** Type, label, size and free space, as far as known. */
export function describeFileSystem({ type, label, size, free }: Contents['filesystems'][number]): string {
  const room = [size === null ? null : formatBytes(size), free === null ? null : `${formatBytes(free)} free`];
  const name = `${type ?? 'unknown'}${label === null ? '' : ` "${label}"`}`;
  return [name, ...room].filter((part) => part !== null).join(', ');
}

function describePackages({ manager, count }: NonNullable<Contents['packages']>): string {
  return count === null ? manager : `${String(count)} (${manager})`;
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'none' : texts.join(', ');
}

// Decides in which file system the paths of a disk begin.
import type { Reads } from '../../disk/blocks/reading.ts';
import { GuestTree } from '../../disk/contents/guest-tree.ts';
import { findRoot, mountVolumes, type ReadableVolume, readableOf } from '../../disk/contents/mounts.ts';
import type { OpenedVolume } from '../../disk/contents/open-volumes.ts';
import { GlanceError } from '../../errors.ts';

/**
 * The files of a disk as its system sees them: the root file system, and what its fstab mounts below it. For a disk
 * without a system, the files of its only file system; for an ISO, those of the disc itself.
 * @param partition the only one to look at: its number, or `GROUP/NAME` of a logical volume; null for no choice
 * @throws GlanceError `contents.not_found` if there is no such partition, or if there are several file systems and none of them
 * holds a system; `contents.unreadable` if no file system can be read
 */
export function* chooseRoot(opened: readonly OpenedVolume[], partition: string | null): Reads<GuestTree> {
  if (partition !== null) return findPartition(opened, partition);
  const readable = readableOf(opened);
  const root = yield* findRoot(readable);
  if (root !== null) return yield* mountVolumes(root, readable);
  const disc = readable.find(({ facts }) => facts.partition === null);
  const [only, another] = readable;
  const chosen = disc ?? (another === undefined ? only : undefined);
  if (chosen !== undefined) return alone(chosen.files);
  throw only === undefined ? noneReadable(opened) : severalReadable(readable);
}

function findPartition(opened: readonly OpenedVolume[], name: string): GuestTree {
  const found = opened.find(({ facts: { partition } }) => partition !== null && namesOf(partition).includes(name));
  if (found === undefined) {
    const text = `there is no partition "${name}"; there ${listed(opened)}`;
    throw new GlanceError('contents.not_found', text);
  }
  if (found.files !== null) return alone(found.files);
  const { type } = found.facts;
  const what = type === null ? 'no file system was found in it' : `files of ${type} cannot be read`;
  const why = found.trouble?.message ?? what;
  throw new GlanceError('contents.unreadable', `${found.title}: ${why}`);
}

/** A logical volume is called `lv GROUP/NAME`; the first word may be omitted. */
function namesOf(partition: string): readonly string[] {
  return partition.startsWith('lv ') ? [partition, partition.slice(3)] : [partition];
}

function alone(files: ReadableVolume['files']): GuestTree {
  return new GuestTree([{ at: [], files, root: files.top ?? files.root }]);
}

function noneReadable(opened: readonly OpenedVolume[]): GlanceError {
  for (const { title, trouble } of opened)
    if (trouble !== null) return new GlanceError('contents.unreadable', `${title}: ${trouble.message}`);
  if (opened.every(({ facts }) => facts.type === null))
    return new GlanceError('contents.unreadable', 'no file system was found in it');
  const text = `it has no file system whose files can be read: there ${listed(opened)}`;
  return new GlanceError('contents.unreadable', text);
}

function severalReadable(readable: readonly ReadableVolume[]): GlanceError {
  const text = `no system was found in it, but several file systems: there ${listed(readable)}`;
  return new GlanceError('contents.not_found', text, { hint: 'choose one with `partition`' });
}

/** `are 1 (vfat "ESP"), 2 (ext4)` */
function listed(volumes: readonly Pick<OpenedVolume, 'facts'>[]): string {
  const texts = volumes.map(({ facts: { partition, type, label } }) => {
    const what = `${type ?? 'unknown'}${label === null ? '' : ` "${label}"`}`;
    return partition === null ? what : `${partition} (${what})`;
  });
  return `${texts.length === 1 ? 'is' : 'are'} ${texts.join(', ')}`;
}

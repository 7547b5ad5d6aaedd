// One image of a mirror in a bucket: its record, if record and data are as the index lists them.
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { parseSidecar } from '../../image/sidecar.ts';
import type { MirrorEntry } from '../../mirror/entry-store.ts';
import { recordHash, recordName } from '../../mirror/index-file.ts';
import type { BucketFiles } from '../../mirror/places/bucket/bucket-files.ts';
import type { HeldData, HeldImage } from '../../mirror/places/bucket/bucket-listing.ts';
import { countOf } from '../../text/count.ts';
import { bareImage, keepKnown, weigh, withoutStoreData } from '../images/record.ts';

/** An image that can be offered. */
interface ListedImage {
  readonly image: Image;
  /** About how much memory its record takes, bytes. */
  readonly weight: number;
}

/** The data of an entry in the bucket. @throws GlanceError `metadata.invalid` if the data or its record is missing */
export function findData({ file, size }: MirrorEntry, held: HeldImage | null): HeldData {
  const data = held?.data.find((each) => each.file === file);
  if (data === undefined) throw new GlanceError('metadata.invalid', `${file}: there is no such object`);
  if (held === null || held.record === null) throw missingRecord(file);
  if (data.size !== size) {
    const text = `${file}: it has ${countOf(data.size, 'byte')}, but the index says ${String(size)}`;
    throw new GlanceError('metadata.invalid', text, { hint: 'the object is damaged' });
  }
  return data;
}

/**
 * Reads the record of an entry.
 * @param timeMs when its data was stored, milliseconds since 1970 UTC
 * @throws GlanceError `metadata.invalid`, `json.invalid` for a record that is malformed or not the listed one;
 * `place.*`; the signal's reason
 */
export async function readListedImage(
  files: BucketFiles,
  entry: MirrorEntry,
  timeMs: number,
  signal: AbortSignal,
): Promise<ListedImage> {
  const { id, size } = entry;
  const path = `${id}/${recordName}`;
  const text = await files.readRecord(id, signal);
  if (text === null) throw missingRecord(entry.file);
  if (recordHash(text) !== entry.record) throw invalid(`${path}: it is not the record that the index lists`);
  const record = withoutStoreData(parseSidecar(text, path));
  if ((record.id ?? id) !== id) throw invalid(`${path}: it is the record of another image`);
  if ((record.size ?? size) !== size)
    throw invalid(`${path}: "size" is ${String(record.size)}, but the object has ${countOf(size, 'byte')}`);
  const image = { ...bareImage({ id, name: null, size, timeMs }), ...keepKnown(record) };
  return { image, weight: weigh(record, text.length) };
}

function missingRecord(file: string): GlanceError {
  return invalid(`${file}: its record is not there`);
}

function invalid(message: string): GlanceError {
  return new GlanceError('metadata.invalid', message);
}

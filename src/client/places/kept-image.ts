// One image in a mirror, as its record there describes it.
import { basename, dirname, join } from 'node:path';
import { GlanceError } from '../../errors.ts';
import type { DataRecord } from '../../image/image.ts';
import { parseSidecar } from '../../image/sidecar.ts';
import { dataPath, isOwnId, maxRecordBytes, recordName } from '../../mirror/index-file.ts';
import { formatS3Url, parseS3Url } from '../../s3/url.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { readSmallFile } from '../../transfer/files/small-file.ts';
import type { Connection } from '../connection.ts';
import type { RangeSource } from '../contents/range-source.ts';
import { openBucketFiles } from './open-place.ts';
import type { StoreOptions } from './open-store.ts';

/** An image in a mirror. */
export interface KeptImage {
  readonly record: DataRecord;
  /** Where its data is: an absolute path, or a URL. */
  readonly path: string;
}

/** An image in a mirror in a bucket, and its data. */
export interface KeptObject extends KeptImage {
  readonly source: RangeSource;
}

/**
 * The image in a directory of a mirror, `PLACE/<id>`; null if the path is not that of one.
 * @param path of a directory, absolute
 * @throws GlanceError `json.invalid`, `metadata.invalid` for a record that is not valid
 */
export async function findKeptFile(path: string): Promise<KeptImage | null> {
  const file = join(path, recordName);
  const text = await readSmallFile(nodeFileSystem, file, maxRecordBytes).catch((error: unknown) => {
    if (error instanceof GlanceError) throw error;
    return null;
  });
  if (text === null) return null;
  const record = recordOf(text, basename(path), file);
  return { record, path: join(dirname(path), dataPath(record)) };
}

/**
 * The image in a bucket, `s3://BUCKET[/PREFIX]/<id>`, and its data by ranges.
 * @throws GlanceError `place.*`; `json.invalid`, `metadata.invalid` for a record that is not valid; the signal's reason
 */
export async function openKeptObject(
  connection: Connection,
  url: string,
  options: StoreOptions,
  signal: AbortSignal,
): Promise<KeptObject> {
  const { bucket, prefix } = parseS3Url(url);
  const name = formatS3Url({ bucket, prefix });
  const id = basename(prefix);
  const place = dirname(name);
  if (!isOwnId(id)) throw noImage(name);
  const files = await openBucketFiles(place, connection, options, signal);
  const text = await files.readRecord(id, signal);
  if (text === null) throw noImage(name);
  const record = recordOf(text, id, `${name}/${recordName}`);
  const file = dataPath(record);
  const key = files.key(file);
  const head = await files.client.head(key, signal);
  if (head === null) throw noImage(name);
  const read: RangeSource['read'] = async (offset, length, within) => {
    try {
      return await files.readRange(key, head.etag, { offset, length }, within);
    } catch (error) {
      if (error instanceof GlanceError && error.code === 'http.range') return null;
      throw error;
    }
  };
  return { record, path: `${place}/${file}`, source: { size: head.size, read } };
}

function recordOf(text: string, id: string, file: string): DataRecord {
  const record = parseSidecar(text, file);
  if (record.id !== id) throw new GlanceError('metadata.invalid', `${file}: it is not the record of the image ${id}`);
  const { name = null, size = null, disk_format = null, container_format = null } = record;
  const { virtual_size = null, min_disk = null, properties = {} } = record;
  const { checksum = null, os_hash_algo = null, os_hash_value = null } = record;
  const declared = { disk_format, container_format, virtual_size, min_disk };
  return { id, name, size, ...declared, properties, checksum, os_hash_algo, os_hash_value };
}

function noImage(name: string): GlanceError {
  return new GlanceError('place.missing', `${name}: there is no image of a mirror there`, {
    hint: 'name it as s3://BUCKET/PREFIX/ID',
  });
}

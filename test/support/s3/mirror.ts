// A mirror in a bucket of the double, stored as another client would.
import { createHash } from 'node:crypto';
import type { Image } from '../../../src/image/image.ts';
import { formatIndex, recordHash, recordText } from '../../../src/mirror/index-file.ts';
import type { MirrorEntry } from '../../../src/mirror/entry-store.ts';
import { makeImage } from '../images.ts';
import type { S3Double } from './double.ts';

const hash = (algorithm: string, data: Uint8Array | string): string => createHash(algorithm).update(data).digest('hex');

/** Puts an object into the bucket `images`, over one that is there. */
export function putObject(store: S3Double, key: string, content: Uint8Array | string): void {
  const data = Buffer.from(content);
  const object = {
    key,
    data: [data],
    size: data.length,
    etag: hash('md5', data),
    contentType: null,
    modified: Date.now(),
    uploadId: null,
  };
  store.apply({ type: 'putObject', bucket: 'images', object });
}

/** Removes an object. */
export function deleteObject(store: S3Double, key: string): void {
  store.apply({ type: 'deleteObject', bucket: 'images', key });
}

/** Puts an image's data and record into a mirror. @returns what its index has to list */
export function putImage(
  store: S3Double,
  prefix: string,
  data: Uint8Array | string,
  about: Partial<Image> & { readonly id: string },
): MirrorEntry {
  const bytes = Buffer.from(data);
  const { id } = about;
  const record = recordText(makeImage({ name: `image ${id}`, size: bytes.length, ...about }));
  const file = `${id}/${id}.raw`;
  putObject(store, prefix + file, bytes);
  putObject(store, `${prefix}${id}/image.json`, record);
  const digests = (['md5', 'sha512'] as const).map((algorithm) => ({ algorithm, hex: hash(algorithm, bytes) }));
  return { id, file, size: bytes.length, digests, record: recordHash(record) };
}

/** Puts the index of a mirror there. */
export function putIndex(store: S3Double, prefix: string, entries: readonly MirrorEntry[]): void {
  const index = { entries: new Map(entries.map((entry) => [entry.id, entry])), failures: new Map() };
  putObject(store, `${prefix}index.json`, [...formatIndex(index)].join(''));
}

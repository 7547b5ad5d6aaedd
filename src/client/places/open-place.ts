// The places that can hold a mirror, by the text that names them.
import { DirectoryPlace } from '../../mirror/places/directory/directory-place.ts';
import type { Place } from '../../mirror/places/place.ts';
import { BucketFiles } from '../../mirror/places/bucket/bucket-files.ts';
import { BucketPlace } from '../../mirror/places/bucket/bucket-place.ts';
import type { S3Client } from '../../s3/s3-client.ts';
import { parseS3Url } from '../../s3/url.ts';
import type { Connection } from '../connection.ts';
import type { StoreOptions } from './open-store.ts';
import { parsePlace } from './place-name.ts';

/**
 * The place of a mirror. Nothing is opened or requested yet.
 * @throws as {@link parsePlace}
 */
export function openPlace(text: string, connection: Connection, options: StoreOptions): Place {
  const { system } = connection;
  const { kind, name } = parsePlace(text, system.cwd);
  if (kind === 'directory') return new DirectoryPlace(name, system, system.clock);
  const { bucket, prefix } = parseS3Url(name);
  let store: Promise<S3Client> | null = null;
  // After a failure, the next call tries again, since the place may be available by then.
  const open = (signal: AbortSignal): Promise<S3Client> =>
    openClient(connection, bucket, options, signal).catch((error: unknown) => {
      store = null;
      throw error;
    });
  const warn = (message: string): void => connection.warn(message);
  return new BucketPlace(name, prefix, (signal) => (store ??= open(signal)), system.clock, warn);
}

/**
 * The small files of a mirror in a bucket, and the client that reads its data. Nothing is requested yet.
 * @param name as {@link parsePlace} gives it
 * @throws as `openStore`
 */
export async function openBucketFiles(
  name: string,
  connection: Connection,
  options: StoreOptions,
  signal: AbortSignal,
): Promise<BucketFiles> {
  const { bucket, prefix } = parseS3Url(name);
  return new BucketFiles(await openClient(connection, bucket, options, signal), prefix);
}

async function openClient(
  connection: Connection,
  bucket: string,
  options: StoreOptions,
  signal: AbortSignal,
): Promise<S3Client> {
  const { openStore } = await import('./open-store.ts');
  return await openStore(connection, bucket, options, signal);
}

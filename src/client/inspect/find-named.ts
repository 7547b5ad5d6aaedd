// Finds what somebody names for inspection: a file, an image in a mirror, or an image in Glance.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GlanceError } from '../../errors.ts';
import type { DataRecord } from '../../image/image.ts';
import { findPin } from '../../image/pin.ts';
import { parseImageUri } from '../../image/uri.ts';
import { absolutePath } from '../../local/places.ts';
import { isS3Url } from '../../s3/url.ts';
import { isDirectory } from '../../transfer/files/target.ts';
import type { Connection } from '../connection.ts';
import { type Choose, type Found, findImage } from '../find.ts';
import type { Waiting } from '../select/wait.ts';
import type { KeptImage, KeptObject } from '../places/kept-image.ts';

/** What a name stands for. */
export type Named =
  /** A file, or anything else with that path. The record is null unless it is the data of an image in a mirror. */
  | { readonly kind: 'file'; readonly path: string; readonly record: DataRecord | null }
  /** An image of a mirror in a bucket. */
  | { readonly kind: 'object'; readonly object: KeptObject }
  | { readonly kind: 'image'; readonly found: Found };

export interface NamedOptions {
  /** Whether to take the newest of several images with that name. */
  readonly latest: boolean;
  /** Chooses between several images with that name. Absent: that is an error. */
  readonly choose?: Choose | undefined;
  /** How to wait for an image that is being created. Absent: no waiting. */
  readonly waiting?: Waiting | undefined;
  /** For a bucket: address of its store's S3 API. Absent: where AWS's own tools look for it. */
  readonly s3Endpoint?: string | undefined;
  /** Aborts the search. Absent: only the connection's own signal does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds what a name stands for. A UUID, a URI and a pinned name are images; a path with a separator, and the name of a
 * file in the working directory, are files, or the directory of an image in a mirror; `s3://BUCKET/PREFIX/ID` is one in a
 * bucket; anything else is an image.
 * @throws GlanceError `image.*`, `integrity.pin`, `place.*`, `json.invalid`, `metadata.invalid`; OddRecordError; what connecting
 * and requests fail with; the signal's reason
 */
export async function findNamed(
  connection: Connection,
  target: string,
  { latest, choose, waiting, s3Endpoint, signal = connection.signal }: NamedOptions,
): Promise<Named> {
  if (isS3Url(target)) {
    const { openKeptObject } = await import('../places/kept-image.ts');
    return { kind: 'object', object: await openKeptObject(connection, target, { s3Endpoint }, signal) };
  }
  const path = await localPath(connection.system.cwd, target);
  if (path !== null) {
    const kept = (await isDirectory(path)) ? await findKept(path) : null;
    return { kind: 'file', path: kept?.path ?? path, record: kept?.record ?? null };
  }
  const found = await findImage(connection, target, { latest, choose, strict: true, signal }).catch(
    (error: unknown) => {
      throw isImageOnly(target) ? error : addNoFile(error);
    },
  );
  return { kind: 'image', found: waiting === undefined ? found : await waiting.for(found, signal) };
}

async function findKept(path: string): Promise<KeptImage | null> {
  const { findKeptFile } = await import('../places/kept-image.ts');
  return await findKeptFile(path);
}

/** Adds that there is no such file either, in case one was meant. */
function addNoFile(error: unknown): unknown {
  if (!(error instanceof GlanceError) || !/^(?:image\.not_found|config\.missing)$/.test(error.code)) return error;
  return new GlanceError(error.code, `${error.message}, and there is no such file here`, {
    ...error.facts,
    cause: error,
  });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID, a URI and a pinned name are images, even if files have these names. */
function isImageOnly(target: string): boolean {
  return uuid.test(target) || parseImageUri(target) !== undefined || findPin(target).pin !== null;
}

/** Whether it is a file, an image in a mirror, or `-` for a stream. */
export async function isLocal(cwd: string | null, target: string): Promise<boolean> {
  return target === '-' || isS3Url(target) || (await localPath(cwd, target)) !== null;
}

/** @returns null for an image */
async function localPath(cwd: string | null, target: string): Promise<string | null> {
  if (isImageOnly(target)) return null;
  if (/[/\\]/.test(target)) return absolutePath(cwd, target);
  if (cwd === null) return null;
  const path = resolve(cwd, target);
  return await stat(path).then(
    (found) => (found.isDirectory() ? null : path),
    () => null,
  );
}

// What somebody names to have it inspected: a file, or an image of a Glance.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Report } from '../../disk/report.ts';
import { GlanceError } from '../../errors.ts';
import { findPin } from '../../image/pin.ts';
import { parseImageUri } from '../../image/uri.ts';
import { absolutePath } from '../../local/places.ts';
import { isDirectory } from '../../transfer/files/target.ts';
import type { Connection } from '../connection.ts';
import { findImage } from '../find.ts';
import type { KeptImage } from '../places/kept-image.ts';
import type { ContentsOptions } from './contents-option.ts';
import { inspectFileOf } from './inspect-file.ts';
import { inspectImage } from './inspect-image.ts';

export interface InspectNamedOptions extends ContentsOptions {
  /** Whether of several images of that name the newest is meant. */
  readonly latest: boolean;
  /** Of a bucket: address of its store's S3 API. Absent: as AWS's tools find it. */
  readonly s3Endpoint?: string | undefined;
  /** How an image is inspected. Absent: where it is. */
  readonly inspect?: typeof inspectImage;
}

/**
 * Inspects it. A UUID, a URI and a pinned name are images; a path with a separator, and a name that a file in the working
 * directory has, are files, or the directory of an image in a mirror; `s3://BUCKET/PREFIX/ID` is one in a bucket; whatever is
 * left is an image.
 * @throws GlanceError `image.*`, `integrity.pin`, `io.*`, `data.empty`; OddRecordError; what connecting and requests fail
 * with; the signal's reason
 */
export async function inspectNamed(
  connection: Connection,
  target: string,
  { latest, inspect = inspectImage, s3Endpoint, ...options }: InspectNamedOptions,
): Promise<Report> {
  const { signal, system } = connection;
  if (target.startsWith('s3://')) return await inspectObject(connection, target, s3Endpoint, options);
  const path = await localPath(system.cwd, target);
  if (path !== null) {
    const kept = (await isDirectory(path)) ? await findKept(path) : null;
    return await inspectFileOf(kept?.record ?? null, kept?.path ?? path, { ...options, signal });
  }
  const { image, service } = await findImage(connection, target, { latest, strict: true }).catch((error: unknown) => {
    throw isImageOnly(target) ? error : addNoFile(error);
  });
  return await inspect(connection, service, image, signal, options);
}

async function findKept(path: string): Promise<KeptImage | null> {
  const { findKeptFile } = await import('../places/kept-image.ts');
  return await findKeptFile(path);
}

async function inspectObject(
  connection: Connection,
  url: string,
  s3Endpoint: string | undefined,
  options: ContentsOptions,
): Promise<Report> {
  const { signal, system } = connection;
  const { openKeptObject } = await import('../places/kept-image.ts');
  const { inspectRanges } = await import('./inspect-ranges.ts');
  const { record, path, source } = await openKeptObject(connection, url, { s3Endpoint }, signal);
  return await inspectRanges(record, path, source, options, { now: system.clock.wallTime(), signal });
}

/** What was meant may have been a file. */
function addNoFile(error: unknown): unknown {
  if (!(error instanceof GlanceError) || !/^(?:image\.not_found|config\.missing)$/.test(error.code)) return error;
  return new GlanceError(error.code, `${error.message}, and there is no such file here`, {
    ...error.facts,
    cause: error,
  });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID, a URI and a pinned name are images, whatever files there are. */
function isImageOnly(target: string): boolean {
  return uuid.test(target) || parseImageUri(target) !== undefined || findPin(target).pin !== null;
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

// Inspects what somebody names.
import type { Report } from '../../disk/report.ts';
import type { Connection } from '../connection.ts';
import type { ContentsOptions } from './contents-option.ts';
import { findNamed, type NamedOptions } from './find-named.ts';
import { inspectFileOf } from './inspect-file.ts';
import { inspectImage } from './inspect-image.ts';

export interface InspectNamedOptions extends ContentsOptions, NamedOptions {
  /** How to inspect an image. Absent: without a temporary file. */
  readonly inspect?: typeof inspectImage;
}

/**
 * Finds and inspects a target.
 * @param target as for {@link findNamed}
 * @throws what {@link findNamed} throws; GlanceError `io.*`, `data.empty`
 */
export async function inspectNamed(
  connection: Connection,
  target: string,
  {
    latest,
    choose,
    waiting,
    s3Endpoint,
    inspect = inspectImage,
    signal = connection.signal,
    ...options
  }: InspectNamedOptions,
): Promise<Report> {
  const named = await findNamed(connection, target, { latest, choose, waiting, s3Endpoint, signal });
  const { clock } = connection.system;
  if (named.kind === 'file') return await inspectFileOf(named.record, named.path, { ...options, clock, signal });
  if (named.kind === 'image') {
    const { image, service } = named.found;
    return await inspect(connection, service, image, signal, options);
  }
  const { inspectRanges } = await import('./inspect-ranges.ts');
  const { record, path, source } = named.object;
  return await inspectRanges(record, path, source, options, { now: clock.wallTime(), signal });
}

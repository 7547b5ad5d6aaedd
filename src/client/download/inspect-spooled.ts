// Inspects an image whose store does not support ranges, by downloading it to a temporary file first.
import type { Report } from '../../disk/report.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import type { Connection } from '../connection.ts';
import type { ContentsOptions } from '../inspect/contents-option.ts';
import { inspectFileOf } from '../inspect/inspect-file.ts';
import { inspectImage } from '../inspect/inspect-image.ts';
import { openSpooledImage } from './open-spooled.ts';

/**
 * {@link inspectImage}; if the contents cannot be read by ranges, downloads, verifies and reads a temporary file.
 * @throws what {@link inspectImage} and a download throw
 */
async function inspectSpooled(
  connection: Connection,
  service: ImageService,
  image: Image,
  signal = connection.signal,
  options: ContentsOptions = {},
): Promise<Report> {
  const report = await inspectImage(connection, service, image, signal, options);
  if (report.contents?.why !== 'no_ranges') return report;
  const { path, remove } = await openSpooledImage(connection, { image, service, pins: [] }, signal);
  const { clock } = connection.system;
  try {
    return { ...(await inspectFileOf(image, path, { ...options, clock, signal })), path: null };
  } finally {
    await remove();
  }
}

/**
 * Returns the function that inspects images. With `spool`, it downloads an image if it has to.
 */
export function inspectorFor({ spool }: { readonly spool?: boolean | undefined }): typeof inspectImage {
  return spool === true ? inspectSpooled : inspectImage;
}

// What is in an image whose store has no ranges: it is fetched to a temporary file first.
import type { Report } from '../../disk/report.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import { absolutePath } from '../../local/places.ts';
import { withSpooled } from '../../transfer/spool.ts';
import type { Connection } from '../connection.ts';
import type { ContentsOptions } from '../inspect/contents-option.ts';
import { inspectFileOf } from '../inspect/inspect-file.ts';
import { inspectImage } from '../inspect/inspect-image.ts';
import { openSource } from './download.ts';

/**
 * {@link inspectImage}; where its contents cannot be read by ranges, they are read in a temporary file, verified.
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
  const { system, retry } = connection;
  const { uid, pid, platform, isRunning, clock, tmpdir } = system;
  const source = await openSource(connection, { image, service, pin: null }, { preferStore: [] });
  const fetching = {
    extraAlgorithms: [],
    retry,
    clock,
    signal,
    listen: () => undefined,
    force: false,
    mode: 0o600,
    sparse: true,
    uid,
    process: { pid, uid, platform, isRunning },
  };
  return await withSpooled(source, absolutePath(system.cwd, tmpdir), fetching, async (path) => {
    const spooled = await inspectFileOf(image, path, { ...options, signal });
    return { ...spooled, path: null };
  });
}

/** How images are inspected. @param choice.spool whether one is fetched where that has to be. Absent: false */
export function inspectorFor({ spool }: { readonly spool?: boolean | undefined }): typeof inspectImage {
  return spool === true ? inspectSpooled : inspectImage;
}

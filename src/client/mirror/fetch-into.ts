// One image of a mirror: its data into the place, and what is kept beside it.
import { digestsOf } from '../../image/data-answer.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import type { OneImage } from '../../mirror/places/place.ts';
import type { DownloadResult } from '../../transfer/download-options.ts';
import type { Connection } from '../connection.ts';
import { fetchImage, type FetchOptions, type FetchRun } from '../download/download.ts';

/** What is demanded of the images of a mirror. */
export interface MirrorDemands {
  /** Whether images that are unsafe to hand to a hypervisor fail. Absent: false, then they are warned of. */
  readonly requireSafe?: boolean | undefined;
  /** Whether images for which the cloud names no digest fail. Absent: false, then they are kept by their length. */
  readonly requireChecksum?: boolean | undefined;
  /** Whether what is in an image that comes is kept beside it, as `contents.json`. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Ids of the stores to take data from where they have it. Absent: those of `GLANCE_CLI_PREFER_STORE`, if any. */
  readonly preferStore?: readonly string[] | undefined;
}

/**
 * What is computed beside what is compared. An image for which the cloud names no digest may get some later: Glance's are MD5 and
 * mostly SHA-512, and then tell whether it is still the same without its being fetched again.
 */
function digestsFor(image: Image): NonNullable<FetchOptions['digest']> {
  return digestsOf(image).length === 0 ? ['sha512', 'md5'] : ['sha512'];
}

/** Fetches it. @throws what the transfer and the place throw; the signal's reason */
export async function fetchInto(
  connection: Connection,
  service: ImageService,
  place: Pick<OneImage, 'target' | 'complete'>,
  image: Image,
  { requireSafe = false, requireChecksum = false, contents = false, preferStore }: MirrorDemands,
  run: Omit<FetchRun, 'fileSystem' | 'isShared'>,
): Promise<DownloadResult['outcome']> {
  const target = await place.target(image, run.signal);
  const result = await fetchImage(
    connection,
    { image, service, pins: [] },
    'path' in target ? target.path : target,
    { force: true, digest: digestsFor(image), requireSafe, requireChecksum, preferStore },
    { ...run, ...('path' in target && { fileSystem: target.fileSystem, isShared: target.isShared }) },
  );
  if (result.verifiedBy === null) {
    const text = 'not verified: the server has no digest for this image; only its size was checked';
    connection.warn(`${image.name ?? image.id}: ${text}`);
  }
  if (contents) {
    const { keepContents } = await import('./keep-contents.ts');
    await keepContents(connection, image, target, result, run.signal);
  }
  await place.complete(image, result, run.signal);
  return result.outcome;
}

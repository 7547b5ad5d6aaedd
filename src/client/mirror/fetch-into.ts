// Fetches one image of a mirror: its data into the place, with what is kept beside it.
import { digestsOf } from '../../image/data-answer.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import type { OneImage } from '../../mirror/places/place.ts';
import type { DownloadResult } from '../../transfer/download-options.ts';
import type { Connection } from '../connection.ts';
import { fetchImage, type FetchOptions, type FetchRun, warnUnverified } from '../download/download.ts';

/** Requirements that the images of a mirror have to meet. */
export interface MirrorDemands {
  /** Whether images that are unsafe to hand to a hypervisor fail. Absent: false, which only warns. */
  readonly requireSafe?: boolean | undefined;
  /** Whether images for which the cloud publishes no digest fail. Absent: false; only their size is checked then. */
  readonly requireChecksum?: boolean | undefined;
  /** Whether what is in a newly fetched image is recorded beside it, as `contents.json`. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Ids of the stores to prefer for data. Absent: those of `GLANCE_CLI_PREFER_STORE`, if any. */
  readonly preferStore?: readonly string[] | undefined;
}

/**
 * Digests to compute in addition to those that are compared. The cloud may publish digests of an image later: Glance's are MD5 and
 * mostly SHA-512, and these then tell whether the data is still the same, without fetching it again.
 */
function digestsFor(image: Image): NonNullable<FetchOptions['digest']> {
  return digestsOf(image).length === 0 ? ['sha512', 'md5'] : ['sha512'];
}

/** Fetches an image. @throws what the transfer and the place throw; the signal's reason */
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
    'take' in target ? target : target.path,
    { force: true, digest: digestsFor(image), requireSafe, requireChecksum, preferStore },
    { ...run, ...('path' in target && { fileSystem: target.fileSystem, isShared: target.isShared }) },
  );
  warnUnverified(connection, result, image.name ?? image.id);
  if (contents) {
    const { keepContents } = await import('./keep-contents.ts');
    await keepContents(connection, image, target, result, run.signal);
  }
  await place.complete(image, result, run.signal);
  return result.outcome;
}

// What a plan comes to as jobs.
import { digestsOf } from '../../image/data-answer.ts';
import type { Image } from '../../image/image.ts';
import { recordHash, recordText } from '../../mirror/index-file.ts';
import type { CopyJob } from '../../queue/job.ts';
import { strongestOf } from '../../transfer/digest/promises.ts';
import type { MirrorDemands } from '../mirror/fetch-into.ts';

/** The strongest digest that the cloud names, `ALGORITHM:HEX`; null if it names none. @throws GlanceError `metadata.invalid` */
export function digestText(image: Image): string | null {
  const digest = strongestOf(digestsOf(image));
  return digest === null ? null : `${digest.algorithm}:${digest.hex}`;
}

/** The job that brings an image to a place. @param endpoint of the Glance */
export function copyJob(
  image: Image,
  place: string,
  endpoint: URL,
  { requireSafe = false, requireChecksum = false, preferStore = [] }: MirrorDemands,
): CopyJob {
  const { id, name, size } = image;
  return {
    kind: 'copy',
    place,
    endpoint: endpoint.href,
    image: id,
    name,
    size,
    digest: digestText(image),
    record: recordHash(recordText(image)),
    policy: { requireSafe, requireChecksum, preferStore },
  };
}

// Turns a plan into jobs.
import type { Image } from '../../image/image.ts';
import { recordHash, recordText } from '../../mirror/index-file.ts';
import { maskImage } from '../../image/mask.ts';
import type { MirrorEntry } from '../../mirror/entry-store.ts';
import type { AuditJob, AuditPolicy, CopyJob, VerifyJob } from '../../queue/job.ts';
import type { MirrorDemands } from '../mirror/fetch-into.ts';
import { digestText } from './worker/digest-text.ts';

/** The job that copies an image to a place. @param endpoint Glance's */
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

/** The job that inspects an image. @param place where to store its report; null: it is returned to the planner */
export function auditJob(image: Image, place: string | null, endpoint: URL, policy: AuditPolicy): AuditJob {
  const { id, name, size } = image;
  const record = recordHash(recordText(maskImage(image)));
  return { kind: 'audit', place, endpoint: endpoint.href, image: id, name, size, record, policy };
}

/** The job that compares an image in a place with the place's index. */
export function verifyJob({ id, file, size, digests, record }: MirrorEntry, place: string, quick: boolean): VerifyJob {
  const texts = digests.map(({ algorithm, hex }) => `${algorithm}:${hex}`);
  const about = { image: id, name: null, size, record, file, digests: texts };
  return { kind: 'verify', place, endpoint: null, ...about, policy: { quick } };
}

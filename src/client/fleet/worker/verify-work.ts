// A worker's part of `verify`: compares an image in a place with the place's index.
import { parseDigest } from '../../../digests.ts';
import { GlanceError } from '../../../errors.ts';
import type { MirrorEntry } from '../../../mirror/entry-store.ts';
import { isDataPath } from '../../../mirror/index-file.ts';
import type { VerifyJob } from '../../../queue/job.ts';
import { createMeter } from '../../../transfer/flow/meter.ts';
import type { Doer } from './work.ts';

/** Compares an image. */
export const verify: Doer<VerifyJob> = async (tools, job, { lease: { signal }, onBytes }) => {
  const entry = entryOf(job);
  let bytes = 0;
  const tell = createMeter(tools.connection.system.clock, null, () => onBytes(bytes));
  try {
    const verdict = await tools.place(job.place).compareOne(entry, {
      signal,
      isQuick: job.policy.quick,
      onBytes: (count) => {
        bytes += count;
        tell(bytes);
      },
    });
    return { outcome: 'done', result: JSON.stringify(verdict) };
  } finally {
    onBytes(bytes);
  }
};

/** The index entry that the job carries. @throws GlanceError `metadata.invalid` if no index could contain it */
function entryOf({ image: id, file, size, record, digests }: VerifyJob): MirrorEntry {
  if (!isDataPath(id, file))
    throw new GlanceError('metadata.invalid', 'the job names a file that does not belong to the image');
  try {
    return { id, file, size, record, digests: digests.map((digest) => parseDigest(digest)) };
  } catch (cause) {
    throw new GlanceError('metadata.invalid', 'the job names a digest that is not valid', { cause });
  }
}

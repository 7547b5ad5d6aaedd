// Our verdicts on uploads, in the form of those of oslo.utils.
import { judgeUpload, type TargetRelease } from '../../../src/disk/target/judge.ts';
import { readInspection } from '../../../src/disk/target/inspection.ts';
import { drive, ForwardSource } from '../../../src/disk/source.ts';
import type { Sample } from './corpus.ts';
import { declaredFormats, type OsloVerdict } from './oslo.ts';

/** In the order of the samples. */
export async function ourVerdicts(
  samples: readonly Pick<Sample, 'bytes'>[],
  release: TargetRelease = 'glance-2026.1',
): Promise<readonly OsloVerdict[]> {
  return await Promise.all(
    samples.map(async ({ bytes }) => {
      const source = new ForwardSource(singly(bytes), { size: null, readsToEnd: true });
      const inspection = await drive(readInspection(), source);
      const accepted = declaredFormats.filter(
        (disk_format) => judgeUpload(inspection, { disk_format, container_format: 'bare' }, release).accepted,
      );
      const { matches, isBroken } = inspection;
      const names = matches.map(({ format }): string => format);
      return { matches: isBroken ? null : names.length === 0 ? ['raw'] : names.toSorted(), accepted };
    }),
  );
}

async function* singly(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

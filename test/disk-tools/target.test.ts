// Verdicts on uploads against those of oslo.utils' own inspector, called as Glance calls it, over the whole corpus: where it is
// installed, or in OSLO_UTILS=FOLDER[:FOLDER…], each of which holds oslo_utils/ of some version.
import { describe, expect, it } from 'vitest';
import { corpus, type Sample } from '../support/disk/corpus.ts';
import { askOslo, linesOf, findOslo } from '../support/disk/oslo.ts';
import { ourVerdicts } from '../support/disk/our-verdicts.ts';

const folders = findOslo();
if (folders.length === 0) {
  process.stderr.write(
    'skipped, oslo.utils 8 or later is not there (see OSLO_UTILS): the comparison of verdicts on uploads\n',
  );
}

// Vitest fails a file without a suite.
const tried = folders.length === 0 ? [''] : folders;

describe.skipIf(folders.length === 0).each(tried)('verdicts on uploads, against oslo.utils in "%s"', (folder) => {
  it('are the same for every sample of the corpus, and for damaged ones', async () => {
    const samples = [...corpus, ...damagedSamples()];
    expect(linesOf(samples, await ourVerdicts(samples))).toEqual(linesOf(samples, askOslo(folder, samples)));
  });

  it('are the recorded ones for those without oslo.utils', async () => {
    await expect(linesOf(corpus, askOslo(folder, corpus))).toMatchFileSnapshot('../fixtures/oslo-verdicts.ndjson');
  });
});

/** Samples that begin like each format, with one byte of their headers changed at a time, and cut short. */
function damagedSamples(): readonly Pick<Sample, 'name' | 'bytes'>[] {
  const small = corpus.filter(({ bytes }) => bytes.length <= 512 * 1024);
  const picked = small.filter((_sample, at) => at % 6 === 0);
  return picked.flatMap(({ name, bytes }) => [
    ...[4, 8, 15, 28, 36, 56, 64, 79, 446, 450, 454, 510, 592].flatMap((offset) => {
      if (offset >= bytes.length) return [];
      const changed = Buffer.from(bytes);
      changed.writeUInt8((changed.readUInt8(offset) + 1) % 256, offset);
      return [{ name: `${name}, changed at ${String(offset)}`, bytes: changed }];
    }),
    ...[3, 63, 500, 513, 600, 34_000].flatMap((length) =>
      length < bytes.length ? [{ name: `${name}, cut at ${String(length)}`, bytes: bytes.subarray(0, length) }] : [],
    ),
  ]);
}

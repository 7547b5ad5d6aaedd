// Every finding on each image of the corpus, word for word, and on healthy ones that are cut off or changed: after a change of
// a parser, the diff of two files shows the effect. `npx vitest run test/unit/disk/findings.test.ts -u` updates them.
import { expect, it } from 'vitest';
import type { DiskFinding } from '../../../src/disk/parsing/finding.ts';
import { corpus } from '../../support/disk/corpus.ts';
import { drive } from '../../support/disk/drive.ts';
import { byFormat, headerOf } from '../../support/disk/headers.ts';

const plainBigInt = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

/** As text, without anything that is null, false or empty. */
function textOf({ hazards, ...rest }: DiskFinding): string {
  const told = Object.entries(rest).filter(
    ([, value]) => !['null', 'false', '[]', '{}'].includes(JSON.stringify(value, plainBigInt)),
  );
  const warnings = hazards.map(({ code, severity, message }) => `${severity} ${code}: ${message}`);
  return [JSON.stringify(Object.fromEntries(told), plainBigInt), ...warnings].join('\n  ');
}

it('reports the same findings on each image as before', async () => {
  const texts = corpus.map(({ name, bytes }) => `${name}\n  ${textOf(drive(bytes).finding)}\n`);
  await expect(texts.join('')).toMatchFileSnapshot('../../fixtures/disk-findings.txt');
});

it('reports the same findings as before on an image cut off anywhere in its header', async () => {
  const lines = byFormat.flatMap((sample) => {
    const verdicts = headerOf(sample).offsets.map((length): [number, string] => {
      const { format, hazards, virtualSize } = drive(sample.bytes.subarray(0, length)).finding;
      // The size of raw data is just its length.
      const size = format === 'raw' ? '' : String(virtualSize);
      return [
        length,
        [format, size, ...hazards.map(({ message }) => message.replaceAll(/\d+|"[^"]*"?/g, 'N'))].join(' | '),
      ];
    });
    const changes = verdicts.filter(([, verdict], index) => verdict !== verdicts[index - 1]?.[1]);
    return [sample.name, ...changes.map(([length, verdict]) => `  ${String(length)}: ${verdict}`)];
  });
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../fixtures/disk-cut-off.txt');
});

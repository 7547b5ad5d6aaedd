import { writeFile } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DiskFinding } from '../../../src/disk/parsing/finding.ts';
import { PassingInspector } from '../../../src/disk/passing.ts';
import { FileSource, ForwardSource, inspectSource } from '../../../src/disk/source.ts';
import { corpus, type Sample } from '../../support/disk/corpus.ts';
import { tempDir } from '../../support/temp-dir.ts';

async function* inChunks(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

function codesOf({ hazards }: DiskFinding): string[] {
  return [...new Set(hazards.map(({ code }) => code))].toSorted();
}

function expectSample(finding: DiskFinding, sample: Sample): void {
  expect({
    format: finding.format,
    virtualSize: finding.virtualSize,
    backingFile: finding.backingFile,
    codes: codesOf(finding),
  }).toEqual({
    format: sample.format,
    virtualSize: sample.virtualSize,
    backingFile: sample.backingFile ?? null,
    codes: [...sample.codes].toSorted(),
  });
}

async function fromFile(sample: Sample): Promise<DiskFinding> {
  const path = join(await tempDir(), 'image');
  await writeFile(path, sample.bytes);
  const handle = await open(path);
  try {
    return await inspectSource(new FileSource(handle, sample.bytes.length), true);
  } finally {
    await handle.close();
  }
}

it('has a hundred images and more, of every format', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(100);
  expect(new Set(corpus.map(({ format }) => format)).size).toBe(24);
  expect(new Set(corpus.map(({ name }) => name)).size).toBe(corpus.length);
});

/** Each is read from a file once. */
const found = new Map<Sample, DiskFinding>();

async function findingOf(sample: Sample): Promise<DiskFinding> {
  const finding = found.get(sample) ?? (await fromFile(sample));
  found.set(sample, finding);
  return finding;
}

describe.each(corpus)('$name', (sample) => {
  it('is detected correctly in a file', async () => {
    expectSample(await findingOf(sample), sample);
  });

  it('is detected alike in a stream, in chunks of any length, and in passing', async () => {
    const expected = await findingOf(sample);
    for (const length of [1000, 65_537]) {
      const source = new ForwardSource(inChunks(sample.bytes, length), { size: sample.bytes.length, readsToEnd: true });
      expect(await inspectSource(source, true)).toEqual(expected);
      const passing = new PassingInspector(sample.bytes.length, true);
      for (let at = 0; at < sample.bytes.length; at += length) passing.update(sample.bytes.subarray(at, at + length));
      expect(passing.finish()).toEqual(expected);
    }
  });

  it('is detected alike if its size is unknown', async () => {
    const expected = await findingOf(sample);
    const source = new ForwardSource(inChunks(sample.bytes, 16 * 1024), { size: null, readsToEnd: true });
    expect(await inspectSource(source, true)).toEqual(expected);
    const passing = new PassingInspector(null, true);
    for (let at = 0; at < sample.bytes.length; at += 65_537) passing.update(sample.bytes.subarray(at, at + 65_537));
    expect(passing.finish()).toEqual(expected);
    expect(source.bytesRead).toBeLessThanOrEqual(Math.max(sample.bytes.length, 2 * 1024 * 1024));
  });
});

it('one byte at a time is enough', async () => {
  for (const sample of corpus.filter(({ bytes }) => bytes.length < 200_000)) {
    const expected = await findingOf(sample);
    const passing = new PassingInspector(sample.bytes.length, true);
    for (const byte of sample.bytes.subarray(0, 2000)) passing.update(Uint8Array.of(byte));
    passing.update(sample.bytes.subarray(2000));
    expect(passing.finish()).toEqual(expected);
  }
});

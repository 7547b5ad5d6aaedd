import { describe, expect, it } from 'vitest';
import { fileSystemSamples, readSample } from '../../../support/disk/volumes/file-system-corpus.ts';
import { mutateFileSystem } from '../../../support/disk/mutations/file-system-mutations.ts';
import { worlds } from '../../../support/thoroughness.ts';

describe('a file system that is changed at random', () => {
  it.each(fileSystemSamples)('is read or refused, within bounds: $name', (sample) => {
    const count = worlds(10, 2000);
    const { failures, opened, files } = mutateFileSystem(sample, readSample(sample.name), count, 21);
    expect(failures).toEqual([]);
    expect(opened).toBeGreaterThan(count / 10);
    expect(files).toBeGreaterThan(count);
  });
});

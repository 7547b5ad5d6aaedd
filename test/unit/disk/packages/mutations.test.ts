import { describe, expect, it } from 'vitest';
import { mutatePackages, packageSamples } from '../../../support/disk/mutations/package-mutations.ts';
import { worlds } from '../../../support/thoroughness.ts';

describe('a database of packages that is changed at random', () => {
  it.each(packageSamples)('is read or refused, within bounds: $name', (sample) => {
    const count = worlds(40, 2000);
    const { failures, listed } = mutatePackages(sample, count, 22);
    expect(failures).toEqual([]);
    expect(listed).toBeGreaterThan(0);
  });
});

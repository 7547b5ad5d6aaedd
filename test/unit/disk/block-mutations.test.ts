import { describe, expect, it } from 'vitest';
import { blockSamples, mutateBlocks } from '../../support/disk/mutations/block-mutations.ts';
import { worlds } from '../../support/thoroughness.ts';

describe('containers and partition tables that are changed at random', () => {
  it.each(blockSamples)(
    'are read or refused with a reason, and only request a proportionate amount of data: %s',
    (name) => {
      const inputs = worlds(10, 2000);
      const { failures, readable } = mutateBlocks(name, inputs, 1);
      expect(failures).toEqual([]);
      expect(readable).toBeGreaterThan(inputs / 10);
    },
  );
});

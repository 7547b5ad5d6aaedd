import { describe, expect, it } from 'vitest';
import { runBlockMutations } from '../../support/disk/block-mutations.ts';
import { isProof } from '../../support/thoroughness.ts';

describe('containers and partition tables that are changed at random', () => {
  it('end with bytes or with a word, and ask for no more than is in proportion', () => {
    const inputs = isProof ? 2000 : 200;
    const { failures, readable } = runBlockMutations(inputs, 1);
    expect(failures).toEqual([]);
    expect(readable).toBeGreaterThan(inputs / 10);
  });
});

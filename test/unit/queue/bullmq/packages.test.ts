import { expect, it, vi } from 'vitest';
import { loadPackages } from '../../../../src/queue/bullmq/packages.ts';

vi.mock('bullmq', () => {
  throw new Error("Cannot find package 'bullmq'");
});

it('says how to install missing queue packages', async () => {
  await expect(loadPackages()).rejects.toMatchObject({
    code: 'usage.unsupported',
    facts: { hint: expect.stringContaining('npm install bullmq@6 ioredis@6') },
  });
});

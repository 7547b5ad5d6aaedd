import { expect, it } from 'vitest';
import { loadPackages } from '../../../../src/queue/bullmq/packages.ts';

it('says how to install missing queue packages', async () => {
  const missing: string = 'bullmq-that-is-not-installed';
  await expect(loadPackages(() => import(missing) as Promise<never>)).rejects.toMatchObject({
    code: 'usage.unsupported',
    facts: { hint: expect.stringContaining('npm install bullmq@6 ioredis@6') },
  });
});

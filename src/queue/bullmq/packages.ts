// The packages that queues need. A plain install does not include them, and they are loaded only here.
import type * as bull from 'bullmq';
import type { Redis } from 'ioredis';
import { GlanceError } from '../../errors.ts';

export interface QueuePackages {
  readonly bullmq: typeof bull;
  readonly Redis: typeof Redis;
}

/** @throws GlanceError `usage.unsupported` with the command that installs them */
export async function loadPackages(
  loadBull: () => Promise<QueuePackages['bullmq']> = () => import('bullmq'),
): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([loadBull(), import('ioredis')]);
    return { bullmq, Redis: ioredis.Redis };
  } catch (cause) {
    throw new GlanceError('usage.unsupported', 'the packages for queues are not installed', {
      hint: 'npm install bullmq@6 ioredis@6, beside glance-cli; its executables include them',
      cause,
    });
  }
}

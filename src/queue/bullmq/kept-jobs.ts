// What Redis has of jobs, by their ids, many in one request.
import type { Redis } from 'ioredis';
import { maxResultLength } from '../job.ts';
import type { JobState } from '../work-queue.ts';
import { parseReason } from './reasons.ts';

/** Where a job is. */
export interface KeptJob {
  readonly state: JobState['state'];
  /** When it was finished, milliseconds since 1970 by the clock of its worker; 0 for others. */
  readonly finishedAt: number;
}

/** Of a job with its result: names and paths take the rest. Bytes: a character takes up to six as JSON. */
const maxDataBytes = 6 * maxResultLength + 64 * 1024;

export class KeptJobs {
  readonly #redis: Redis;
  readonly #toKey: (name: string) => string;

  /** @param toKey gives the key of a job, or of one of the sets they are in */
  constructor(redis: Redis, toKey: (name: string) => string) {
    this.#redis = redis;
    this.#toKey = toKey;
  }

  /** @throws what Redis fails with */
  async look(ids: readonly string[]): Promise<readonly KeptJob[]> {
    const answers = await this.#ask(
      ids.flatMap((id) => [
        ['exists', this.#toKey(id)],
        ['zscore', this.#toKey('failed'), id],
        ['zscore', this.#toKey('completed'), id],
      ]),
    );
    return ids.map((_id, index) => {
      const [exists, failed, completed] = answers.slice(3 * index, 3 * index + 3);
      if (exists !== 1) return { state: 'gone', finishedAt: 0 };
      if (typeof completed === 'string') return { state: 'finished', finishedAt: Number(completed) };
      return { state: typeof failed === 'string' ? 'failed' : 'pending', finishedAt: 0 };
    });
  }

  /** @throws what Redis fails with */
  async states(ids: readonly string[]): Promise<readonly JobState[]> {
    const kept = await this.look(ids);
    const over = ids.filter((_id, index) => ['finished', 'failed'].includes(kept[index]?.state ?? ''));
    const facts = await this.#facts(over);
    return ids.map((id, index) => {
      const { state } = kept[index] ?? { state: 'gone' };
      const { data = null, reason = '' } = facts.get(id) ?? {};
      if (state === 'finished') return { state, result: data === null ? null : resultIn(data) };
      return state === 'failed' ? { state, ...parseReason(reason) } : { state };
    });
  }

  /** What is kept of jobs that are over; the data only of those that have no more than they may. */
  async #facts(ids: readonly string[]): Promise<ReadonlyMap<string, { data?: string; reason?: string }>> {
    const lengths = await this.#ask(ids.map((id) => ['hstrlen', this.#toKey(id), 'data']));
    const isShort = (index: number): boolean => Number(lengths[index]) <= maxDataBytes;
    const texts = await this.#ask(
      ids.flatMap((id, index) => [
        ['hget', this.#toKey(id), isShort(index) ? 'data' : 'none'],
        ['hget', this.#toKey(id), 'failedReason'],
      ]),
    );
    const facts = ids.map((id, index) => {
      const [data, reason] = texts.slice(2 * index, 2 * index + 2);
      return [
        id,
        { ...(typeof data === 'string' && { data }), ...(typeof reason === 'string' && { reason }) },
      ] as const;
    });
    return new Map(facts);
  }

  async #ask(commands: readonly (readonly string[])[]): Promise<readonly unknown[]> {
    if (commands.length === 0) return [];
    const answers = (await this.#redis.pipeline(commands.map((command) => [...command])).exec()) ?? [];
    return answers.map(([error, answer]) => {
      if (error) throw error;
      return answer;
    });
  }
}

/** Null where there is none, or one that is too long. */
function resultIn(data: string): string | null {
  try {
    const { result }: { result?: unknown } = JSON.parse(data) as object;
    return typeof result === 'string' && result.length <= maxResultLength ? result : null;
  } catch {
    return null;
  }
}

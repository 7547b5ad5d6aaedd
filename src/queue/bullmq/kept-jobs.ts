// What Redis holds about jobs, looked up by id, many in one request.
import type { Redis } from 'ioredis';
import { maxResultLength } from '../job.ts';
import type { JobState } from '../work-queue.ts';
import { parseReason } from './reasons.ts';

/** The state of a job. */
interface KeptJob {
  readonly state: JobState['state'];
  /** When it finished, in milliseconds since 1970 by its worker's clock; 0 if it has not. */
  readonly finishedAt: number;
}

/**
 * Limit for a job with its result, in bytes; the 64 KiB are for names and paths. A character takes up to six bytes as
 * JSON.
 */
const maxDataBytes = 6 * maxResultLength + 64 * 1024;

export class KeptJobs {
  readonly #redis: Redis;
  readonly #toKey: (name: string) => string;

  /** @param toKey returns the key of a job, or of one of the sets that jobs are in */
  constructor(redis: Redis, toKey: (name: string) => string) {
    this.#redis = redis;
    this.#toKey = toKey;
  }

  /** @throws the error from Redis */
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

  /** @throws the error from Redis */
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

  /** What is stored about finished jobs; their data only if it is within the limit. */
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

/** Null if there is none, or if it is too long. */
function resultIn(data: string): string | null {
  try {
    const { result }: { result?: unknown } = JSON.parse(data) as object;
    return typeof result === 'string' && result.length <= maxResultLength ? result : null;
  } catch {
    return null;
  }
}

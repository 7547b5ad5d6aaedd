// What is asked of a server at once, and less of it for the rest of the run once the server finds it too much.
import { GlanceError } from '../../errors.ts';
import type { TransferListener } from '../../transfer/flow/events.ts';

export class ServerLoad {
  #jobs: number;
  #connections: number;
  #working = 0;

  /**
   * @param jobs images under way at most, ≥ 1
   * @param connections ranges of each at most, ≥ 1
   * @throws GlanceError `usage.option` for other numbers
   */
  constructor(jobs: number, connections: number) {
    for (const [name, count] of Object.entries({ jobs, connections })) {
      if (!Number.isInteger(count) || count < 1)
        throw new GlanceError('usage.option', `${name}: it is not a whole number from 1: ${String(count)}`);
    }
    this.#jobs = jobs;
    this.#connections = connections;
  }

  /** Ranges that an image which begins now may fetch at once. */
  get connections(): number {
    return this.#connections;
  }

  /** A listener that passes every event on, and halves both numbers with each 429. */
  heed(listen: TransferListener): TransferListener {
    return (event) => {
      if (event.event === 'retry' && event.code === 'http.429') {
        this.#jobs = Math.max(1, Math.floor(this.#jobs / 2));
        this.#connections = Math.max(1, Math.floor(this.#connections / 2));
      }
      listen(event);
    };
  }

  /**
   * Several jobs, each of which takes one item after the other.
   * @returns how each job ended: one whose work throws takes no more, the others go on
   */
  async share<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<readonly PromiseSettledResult<void>[]> {
    const waiting = items[Symbol.iterator]();
    const job = async (): Promise<void> => {
      this.#working++;
      for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
        await work(next.value);
        if (this.#working > this.#jobs) break;
      }
      this.#working--;
    };
    return await Promise.allSettled(Array.from({ length: this.#jobs }, () => job()));
  }
}

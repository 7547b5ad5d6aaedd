// What is asked of a server at once, and less of it for the rest of the run once the server finds it too much.
import type { TransferListener } from '../../transfer/flow/events.ts';
import { checkCount, shareWork } from '../select/shared-work.ts';

export class ServerLoad {
  #jobs: number;
  #connections: number;

  /**
   * @param jobs images under way at most, ≥ 1
   * @param connections ranges of each at most, ≥ 1
   * @throws GlanceError `usage.option` for other numbers
   */
  constructor(jobs: number, connections: number) {
    checkCount('jobs', jobs);
    checkCount('connections', connections);
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

  /** {@link shareWork}, with as many jobs as the server bears. */
  async share<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<readonly PromiseSettledResult<void>[]> {
    return await shareWork(items, () => this.#jobs, work);
  }
}

// Limits the load on a server, and lowers the limits for the rest of the run when the server complains.
import type { TransferListener } from '../../transfer/flow/events.ts';
import { checkCount, shareWork } from '../select/shared-work.ts';

export class ServerLoad {
  #jobs: number;
  #connections: number;

  /**
   * @param jobs maximum number of images in progress, ≥ 1
   * @param connections maximum number of ranges at once for each image, ≥ 1
   * @throws GlanceError `usage.option` for other numbers
   */
  constructor(jobs: number, connections: number) {
    checkCount('jobs', jobs);
    checkCount('connections', connections);
    this.#jobs = jobs;
    this.#connections = connections;
  }

  /** Ranges at once for an image that starts now. */
  get connections(): number {
    return this.#connections;
  }

  /** Returns a listener that passes every event on, and halves both limits at each 429. */
  heed(listen: TransferListener): TransferListener {
    return (event) => {
      if (event.event === 'retry' && event.code === 'http.429') {
        this.#jobs = Math.max(1, Math.floor(this.#jobs / 2));
        this.#connections = Math.max(1, Math.floor(this.#connections / 2));
      }
      listen(event);
    };
  }

  /** {@link shareWork}, with as many jobs as the server currently tolerates. */
  async share<T>(items: Iterable<T>, work: (item: T) => Promise<void>): Promise<readonly PromiseSettledResult<void>[]> {
    return await shareWork(items, () => this.#jobs, work);
  }
}

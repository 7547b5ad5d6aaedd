// Several transfers at once: adds them up, and passes each event on with its transfer.
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';

/** The state of several transfers together. */
export interface SeveralCount {
  readonly images: number;
  /** How many of them are complete and verified. */
  readonly finished: number;
  readonly failed: number;
  /** Bytes of image data so far; `kept` of them are from earlier runs. */
  readonly bytes: number;
  readonly kept: number;
  /** Bytes in all; null while the size of any image is unknown. */
  readonly total: number | null;
}

/** One transfer of several. */
export interface OneOfSeveral {
  readonly name: string;
  /** What programs know it by. */
  readonly image: string;
}

interface Account extends OneOfSeveral {
  bytes: number;
  kept: number;
  total: number | null;
  outcome: 'finished' | 'failed' | null;
}

/** Adds transfers up. Each must be announced before the first one begins, so that the total is complete. */
export class Several {
  readonly #consume: (member: OneOfSeveral, event: TransferEvent) => void;
  #images = 0;
  #finished = 0;
  #failed = 0;
  #bytes = 0;
  #kept = 0;
  #total = 0;
  /** Number of transfers of unknown size. */
  #unknown = 0;

  /** @param consume gets each event after it was counted; the end of each image is reported only once */
  constructor(consume: (member: OneOfSeveral, event: TransferEvent) => void) {
    this.#consume = consume;
  }

  get count(): SeveralCount {
    return {
      images: this.#images,
      finished: this.#finished,
      failed: this.#failed,
      bytes: this.#bytes,
      kept: this.#kept,
      total: this.#unknown > 0 ? null : this.#total,
    };
  }

  /**
   * Announces a transfer.
   * @param size bytes in all; null if not known yet
   * @param image what programs know it by
   * @returns takes its events; `failed` ends it even if it never started
   */
  member(name: string, size: number | null, image = name): TransferListener {
    const account: Account = { name, image, bytes: 0, kept: 0, total: size, outcome: null };
    this.#images++;
    this.#add(account, 1);
    return (event) => {
      if (account.outcome !== null && (event.event === 'done' || event.event === 'failed')) return;
      this.#add(account, -1);
      enter(account, event);
      this.#add(account, 1);
      this.#consume(account, event);
    };
  }

  #add({ bytes, kept, total, outcome }: Account, sign: 1 | -1): void {
    this.#bytes += sign * bytes;
    this.#kept += sign * kept;
    this.#total += sign * (total ?? 0);
    if (total === null) this.#unknown += sign;
    if (outcome === 'finished') this.#finished += sign;
    if (outcome === 'failed') this.#failed += sign;
  }
}

function enter(account: Account, event: TransferEvent): void {
  switch (event.event) {
    case 'start':
      // An image that was replaced meanwhile fails and starts again.
      Object.assign(account, { bytes: event.kept, kept: event.kept, total: event.total, outcome: null });
      return;
    case 'progress':
      account.bytes = event.bytes;
      account.kept = Math.min(account.kept, event.bytes);
      account.total = event.total;
      return;
    case 'done':
      Object.assign(account, { bytes: event.bytes, total: event.bytes, outcome: 'finished' });
      return;
    case 'failed':
      // The remaining bytes will not come, and must not be waited for.
      Object.assign(account, { total: account.bytes, outcome: 'failed' });
      return;
    case 'check':
    case 'compare':
    case 'retry':
    case 'restart':
    case 'verify':
    case 'sync':
  }
}

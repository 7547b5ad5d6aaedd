// Reports records of a list that cannot be read completely: each as it comes; the run ends as partial once the rest is
// done.
import { type OddRecordError, oddRecordsError, type OnOdd } from '../client/image.ts';
import type { Context } from './context.ts';

export class OddRecords {
  readonly #context: Pick<Context, 'tell'>;
  readonly #found: OddRecordError[] = [];

  constructor(context: Pick<Context, 'tell'>) {
    this.#context = context;
  }

  /** To be called with each such record. */
  get note(): OnOdd {
    return (odd) => {
      this.#found.push(odd);
      this.#context.tell(odd.message);
    };
  }

  /** @throws PartialError if there were any */
  check(): void {
    if (this.#found.length > 0) throw oddRecordsError(this.#found);
  }
}

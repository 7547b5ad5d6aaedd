// The progress of several downloads as that of one: what each has is added up, what happens to one is told with its name.
import type { TransferEvent, TransferListener } from '../transfer/events.ts';

interface Member {
  bytes: number;
  total: number | null;
}

/** Adds up. Its total grows as images are found. */
export class FleetProgress {
  readonly #listen: TransferListener;
  readonly #count: number;
  readonly #members = new Set<Member>();
  #isStarted = false;

  /** @param count images there will be */
  constructor(listen: TransferListener, count: number) {
    this.#listen = listen;
    this.#count = count;
  }

  /** Takes the events of one download. */
  member(name: string): TransferListener {
    const member: Member = { bytes: 0, total: 0 };
    this.#members.add(member);
    return (event) => this.#take(name, member, event);
  }

  #take(name: string, member: Member, event: TransferEvent): void {
    switch (event.type) {
      case 'start':
        member.total = event.total;
        member.bytes = event.kept;
        if (!this.#isStarted) this.#listen({ type: 'start', name: this.#title(), total: this.#total(), kept: 0 });
        this.#isStarted = true;
        return;
      case 'progress':
        member.bytes = event.bytes;
        member.total = event.total;
        this.#listen({ type: 'progress', bytes: this.#bytes(), total: this.#total() });
        return;
      case 'retry':
      case 'restart':
        this.#listen({ ...event, message: `${name}: ${event.message}` });
        return;
      case 'failed':
        // What will not come is not waited for.
        member.total = member.bytes;
        return;
      case 'check':
      case 'verify':
      case 'sync':
      case 'done':
    }
  }

  #title(): string {
    return `${String(this.#count)} images`;
  }

  #bytes(): number {
    return [...this.#members].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  #total(): number | null {
    let sum = 0;
    for (const { total } of this.#members) {
      if (total === null) return null;
      sum += total;
    }
    return sum;
  }
}

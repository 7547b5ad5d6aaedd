// Reports what happens to the jobs being waited for: each image as it happens, and the fleet as a whole.
import { type Clock, isoTime, toSeconds } from '../../clock.ts';
import type { Job, JobProgress } from '../../queue/job.ts';
import type { QueueEvent } from '../../queue/work-queue.ts';
import type { TransferEvent } from '../../transfer/flow/events.ts';
import { PackedMap } from '../../compact/packed-map.ts';
import type { FleetEvent, FleetStatus, WorkerStatus } from './fleet-event.ts';
import { FleetPace } from './fleet-pace.ts';

/** Time between two reports of the fleet's progress, in milliseconds. */
const statusMs = 500;
/** A job to wait for from now on. */
export interface ExpectedJob {
  readonly id: string;
  readonly job: Job;
  /** Whether it was waited for before and seemed to be over. */
  readonly isAgain: boolean;
}

/** Workers listed separately: anybody who can write to the queue can name as many as they like. */
const mostWorkers = 1000;

type Told = Extract<TransferEvent, { readonly event: 'start' | 'progress' | 'done' | 'failed' }>;

interface Running extends JobProgress {
  readonly size: number | null;
}

export class FleetTeller {
  readonly #clock: Clock;
  readonly #onEvent: (event: FleetEvent) => void;
  readonly #pace: FleetPace;
  readonly #awaited = new PackedMap();
  readonly #running = new Map<string, Running>();
  /** When the lease of each was seen to begin, by our clock. */
  readonly #leasedAt = new Map<string, number>();
  readonly #workers = new Map<string, { finished: number; bytes: number }>();
  /** Failed jobs among those that are no longer awaited. */
  readonly #failed = new Set<string>();
  #announced: number | null = null;
  #finished = 0;
  #lost = 0;
  #bytes = 0;
  #total: number | null = 0;
  #listening: number | null = null;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, onEvent: (event: FleetEvent) => void) {
    this.#clock = clock;
    this.#onEvent = onEvent;
    this.#pace = new FleetPace(clock);
  }

  /** The number of jobs awaited. */
  get size(): number {
    return this.#awaited.size;
  }

  ids(): Iterable<string> {
    return this.#awaited.keys();
  }

  /** Sets the totals in advance, since jobs are planned bit by bit. Bytes: 0 if no data is read. */
  announce(images: number, bytes: number): void {
    this.#announced = images;
    this.#total = bytes === 0 ? null : bytes;
  }

  /** Waits for these as well. */
  expect(jobs: readonly ExpectedJob[]): void {
    for (const { id, job, isAgain } of jobs) {
      if (this.#awaited.has(id)) continue;
      const { image, name } = job;
      const size = isReadWhole(job) ? job.size : null;
      this.#awaited.set(id, pack({ image, name, size }));
      if (isAgain) this.#revoke(id, size);
      else if (this.#announced === null) {
        this.#total = this.#total === null || size === null ? null : this.#total + size;
      }
    }
  }

  /** @returns whether this ended a job that was awaited */
  take(event: QueueEvent): boolean {
    const packed = this.#awaited.get(event.id);
    if (packed === undefined) return false;
    const { image, name, size } = unpack(packed);
    const { id } = event;
    const tell = (told: Told, worker?: string): void =>
      this.#onEvent({ ...told, image, ...(worker !== undefined && { worker }), time: isoTime(this.#clock) });
    switch (event.event) {
      case 'leased':
        this.#leasedAt.set(id, this.#clock.monotonic());
        tell({ event: 'start', name: name ?? image, total: size, kept: 0 });
        break;
      case 'progress':
        this.#progress(id, event.progress, size);
        tell({ event: 'progress', bytes: event.progress.bytes, total: size }, event.progress.worker);
        break;
      case 'lost':
        this.#lose(id, image);
        break;
      case 'finished':
      case 'failed': {
        const worker = this.#running.get(id)?.worker;
        const isFinished = event.event === 'finished';
        const seconds = this.#secondsOf(id);
        this.#end(id, size, isFinished);
        tell(
          isFinished ? { event: 'done', bytes: size ?? 0, seconds } : { event: 'failed', bytes: 0, kept: null },
          worker,
        );
      }
    }
    this.#tellSoon();
    return !this.#awaited.has(id);
  }

  /** Gives up a job that left the queue without an event: the place shows what became of it. */
  drop(id: string): void {
    const packed = this.#awaited.get(id);
    if (packed !== undefined) this.#end(id, unpack(packed).size, true);
  }

  /** Reports the progress. @param listening workers connected to the queue; absent: as many as before */
  tell(listening = this.#listening): void {
    this.#listening = listening;
    this.#toldAt = this.#clock.monotonic();
    this.#onEvent({ event: 'fleet', time: isoTime(this.#clock), ...this.#status() });
  }

  /** Seconds since its lease began; 0 if that was before anybody waited for it. */
  #secondsOf(id: string): number {
    const now = this.#clock.monotonic();
    return toSeconds(now - (this.#leasedAt.get(id) ?? now));
  }

  #status(): FleetStatus {
    const running = [...this.#running.values()];
    const failed = this.#failed.size;
    const amounts = {
      images: this.#announced ?? this.#finished + failed + this.#awaited.size,
      finished: this.#finished,
      failed,
      lost: this.#lost,
      bytes: this.#bytes + running.reduce((sum, { size, bytes }) => sum + (size === null ? 0 : bytes), 0),
      total: this.#total,
      workers: this.#listening,
      by_worker: this.#byWorker(running),
    };
    return { ...amounts, ...this.#pace.note(amounts) };
  }

  #byWorker(running: readonly Running[]): readonly WorkerStatus[] {
    const jobs = new Map<string, number>();
    for (const { worker } of running) jobs.set(worker, (jobs.get(worker) ?? 0) + 1);
    return [...this.#workers]
      .map(([worker, { finished, bytes }]) => ({ worker, jobs: jobs.get(worker) ?? 0, finished, bytes }))
      .toSorted((left, right) => (left.worker < right.worker ? -1 : 1));
  }

  #tellSoon(): void {
    if (this.#clock.monotonic() - this.#toldAt >= statusMs) this.tell();
  }

  #progress(id: string, { bytes, worker }: JobProgress, size: number | null): void {
    const before = this.#running.get(id);
    this.#running.set(id, { bytes, worker, size });
    const since = before?.worker === worker ? before.bytes : 0;
    this.#credit(worker, 0, Math.max(0, bytes - since));
  }

  #credit(worker: string, finished: number, bytes: number): void {
    const sum = this.#workers.get(worker) ?? { finished: 0, bytes: 0 };
    if (!this.#workers.has(worker) && this.#workers.size >= mostWorkers) return;
    this.#workers.set(worker, { finished: sum.finished + finished, bytes: sum.bytes + bytes });
  }

  #lose(id: string, image: string): void {
    const worker = this.#running.get(id)?.worker ?? null;
    this.#lost++;
    this.#running.delete(id);
    this.#leasedAt.delete(id);
    this.#onEvent({ event: 'lost', time: isoTime(this.#clock), image, worker });
  }

  #end(id: string, size: number | null, isFinished: boolean): void {
    const running = this.#running.get(id);
    this.#awaited.delete(id);
    this.#running.delete(id);
    this.#leasedAt.delete(id);
    if (!isFinished) {
      this.#failed.add(id);
      // Data that will not arrive does not belong in the total.
      if (this.#total !== null) this.#total -= size ?? 0;
      return;
    }
    this.#finished++;
    this.#bytes += size ?? 0;
    if (running !== undefined) this.#credit(running.worker, 1, Math.max(0, (size ?? 0) - running.bytes));
  }

  /** Undoes the end of a job that turned out not to be over. */
  #revoke(id: string, size: number | null): void {
    if (this.#failed.delete(id)) {
      if (this.#total !== null) this.#total += size ?? 0;
      return;
    }
    this.#finished = Math.max(0, this.#finished - 1);
    this.#bytes = Math.max(0, this.#bytes - (size ?? 0));
  }
}

function isReadWhole(job: Job): boolean {
  return job.kind === 'copy' || (job.kind === 'verify' && !job.policy.quick);
}

interface Awaited {
  readonly image: string;
  readonly name: string | null;
  readonly size: number | null;
}

/** Packed into one string, since there may be very many. */
function pack({ image, name, size }: Awaited): string {
  return Buffer.from(JSON.stringify([image, name, size])).toString('latin1');
}

function unpack(packed: string): Awaited {
  const [image, name, size] = JSON.parse(Buffer.from(packed, 'latin1').toString()) as [
    string,
    string | null,
    number | null,
  ];
  return { image, name, size };
}

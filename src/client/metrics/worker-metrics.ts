// The metrics of a worker, as Prometheus reads them. All labels have closed sets of values: nothing that an image, a
// server or a queue says becomes one. Pure. prom-client would bring tdigest, bintrees and OpenTelemetry's API with it.
// @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
import { version } from '../../version.ts';
import type { WorkerNews } from '../fleet/worker/worker-event.ts';

type Kind = Extract<WorkerNews, { event: 'job' }>['kind'];
type Outcome = Extract<WorkerNews, { event: 'job_end' }>['outcome'];

const kinds = Object.keys({ copy: 1, audit: 1, verify: 1 } satisfies Record<Kind, 1>) as readonly Kind[];
const outcomes = Object.keys({
  done: 1,
  superseded: 1,
  failed: 1,
  back: 1,
  lost: 1,
} satisfies Record<Outcome, 1>) as readonly Outcome[];

/** Upper bounds of the buckets of durations, seconds: an image takes between a tenth of a second and some hours. */
const durations = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 900, 3600, 14_400];

/** The content type of the answer. */
export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Readonly<Record<string, string>>;

/** The values of one metric, by labels. */
class Family {
  readonly #head: string;
  readonly #name: string;
  readonly #values = new Map<string, number>();

  constructor(name: string, type: 'counter' | 'gauge' | 'histogram', help: string) {
    this.#name = name;
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  }

  add(labels: Labels, value: number, suffix = ''): void {
    const key = suffix + formatLabels(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + value);
  }

  format(): string {
    return this.#head + [...this.#values].map(([key, value]) => `${this.#name}${key} ${String(value)}\n`).join('');
  }
}

function formatLabels(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${value.replaceAll(/["\\\n]/g, '_')}"`);
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

export class WorkerMetrics {
  readonly #jobs = new Family('glance_cli_jobs_total', 'counter', 'Jobs that ended, by what became of them.');
  readonly #running = new Family('glance_cli_jobs_running', 'gauge', 'Jobs in progress.');
  readonly #failures = new Family('glance_cli_job_failures_total', 'counter', 'Jobs that failed or were handed back.');
  readonly #bytes = new Family('glance_cli_bytes_total', 'counter', 'Bytes of image data that were read.');
  readonly #retries = new Family('glance_cli_retries_total', 'counter', 'Transfers that were tried again.');
  readonly #losses = new Family('glance_cli_lease_losses_total', 'counter', 'Leases that were lost.');
  readonly #troubles = new Family(
    'glance_cli_queue_troubles_total',
    'counter',
    'Times that the queue was reported lost.',
  );
  readonly #durations = new Family('glance_cli_job_duration_seconds', 'histogram', 'How long jobs took.');
  readonly #about = new Family('glance_cli_build_info', 'gauge', 'Which version this is.');
  readonly #started = new Family('process_start_time_seconds', 'gauge', 'Start time, in Unix seconds.');

  /** @param startedAt milliseconds since 1970 UTC */
  constructor(startedAt: number) {
    this.#about.add({ version }, 1);
    this.#started.add({}, startedAt / 1000);
    this.#troubles.add({}, 0);
    for (const kind of kinds) {
      for (const outcome of outcomes) this.#jobs.add({ kind, outcome }, 0);
      for (const family of [this.#running, this.#bytes, this.#retries, this.#losses]) family.add({ kind }, 0);
      this.#observe(kind, null);
    }
  }

  /** Counts an event. */
  take(event: WorkerNews): void {
    switch (event.event) {
      case 'job':
        this.#running.add({ kind: event.kind }, 1);
        return;
      case 'job_progress':
        this.#bytes.add({ kind: event.kind }, event.bytes);
        return;
      case 'job_retry':
        this.#retries.add({ kind: event.kind }, 1);
        return;
      case 'trouble':
        this.#troubles.add({}, 1);
        return;
      case 'drain':
        return;
      case 'job_end': {
        const { kind, outcome, code } = event;
        this.#running.add({ kind }, -1);
        this.#jobs.add({ kind, outcome }, 1);
        if (outcome === 'lost') this.#losses.add({ kind }, 1);
        if (code !== null) this.#failures.add({ kind, code }, 1);
        this.#observe(kind, event.seconds);
      }
    }
  }

  /** The text of all metrics. */
  format(): string {
    const counted = [this.#jobs, this.#running, this.#failures, this.#bytes, this.#retries, this.#losses];
    return [this.#about, this.#started, ...counted, this.#troubles, this.#durations]
      .map((family) => family.format())
      .join('');
  }

  /** @param seconds null: only creates the buckets, so that they exist from the start */
  #observe(kind: Kind, seconds: number | null): void {
    const isWithin = (end: number): number => (seconds !== null && seconds <= end ? 1 : 0);
    for (const end of durations) this.#durations.add({ kind, le: String(end) }, isWithin(end), '_bucket');
    this.#durations.add({ kind, le: '+Inf' }, isWithin(Number.POSITIVE_INFINITY), '_bucket');
    this.#durations.add({ kind }, seconds ?? 0, '_sum');
    this.#durations.add({ kind }, seconds === null ? 0 : 1, '_count');
  }
}

// Images inspected by workers: planned here, as many at once as there are hands, and reported in the order of the list.
import { failedReport, type Report } from '../../disk/report.ts';
import type { TargetRelease } from '../../disk/target/judge.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { OnOdd } from '../../image/odd-record.ts';
import type { ListQuery } from '../../image/service.ts';
import { auditPath } from '../../mirror/audit-file.ts';
import type { AuditPolicy } from '../../queue/job.ts';
import type { WorkQueue } from '../../queue/work-queue.ts';
import type { Connection } from '../connection.ts';
import { auditImages } from '../inspect/audit.ts';
import { inspectedImage } from '../inspect/inspect-image.ts';
import { openPlace } from '../places/open-place.ts';
import type { StoreOptions } from '../places/open-store.ts';
import { serviceFor } from '../calls.ts';
import type { FleetEvent } from './fleet-event.ts';
import { JobResults, mostAsked } from './job-results.ts';
import { auditJob } from './jobs.ts';
import { QueueLink } from './queue-link.ts';
import { parseReport } from '../inspect/report-text.ts';

/** What a report is to say. */
export interface FleetAuditOptions {
  /** Whether it says what is in the image. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Bytes that are read for that at most, ≥ 1. Absent: 16 MiB. */
  readonly contentsLimit?: number | undefined;
  /** Whether workers fetch an image whose store has no ranges to a temporary file for it. Absent: false. */
  readonly spool?: boolean | undefined;
  /** The release of Glance that each is held against. Absent: none. */
  readonly target?: TargetRelease | undefined;
  /** Told of a record that cannot be read when the list brings it. */
  readonly onOdd?: OnOdd;
  /** Told what happens, in order. Must not throw. */
  readonly onEvent?: ((event: FleetEvent) => void) | undefined;
  readonly signal: AbortSignal;
}

function policyOf({ contents = false, contentsLimit, spool = false, target }: FleetAuditOptions): AuditPolicy {
  return { contents, contentsLimit: contentsLimit ?? null, spool, target: target ?? null };
}

/**
 * Has the images that match inspected. Reports are as those of `auditImages`, and in the same order; each is removed from the
 * queue once the next is asked for.
 * @throws GlanceError `queue.*`, also if no worker comes; what `auditImages` throws
 */
export async function* auditByFleet(
  connection: Connection,
  queue: WorkQueue,
  query: ListQuery,
  options: FleetAuditOptions,
): AsyncGenerator<Report, void, undefined> {
  const { onOdd, onEvent = () => undefined } = options;
  const policy = policyOf(options);
  const service = await serviceFor(connection, options.signal);
  const results = await JobResults.open(queue, connection.system.clock, options.signal, onEvent);
  const signal = AbortSignal.any([options.signal, results.failed]);
  const inspect = async (_connection: Connection, _service: unknown, image: Image): Promise<Report> => {
    const result = await results.ask(auditJob(image, null, service.endpoint, policy));
    return parseReport(result, image.id);
  };
  try {
    const how = { jobs: mostAsked, signal, inspect, ...(onOdd !== undefined && { onOdd }) };
    for await (const report of auditImages(connection, service, query, how)) {
      yield report;
      if (report.id !== null) results.release(report.id);
    }
  } finally {
    await results.close();
  }
}

/** What was put into the queue. */
export interface PlannedAudits {
  /** Images whose reports workers will keep. */
  readonly images: number;
  /** Of those, that were not in the queue already. */
  readonly added: number;
  /** Images that no report can be kept of. */
  readonly failed: number;
}

/**
 * Has the images that match inspected, and waits for nothing: workers keep the reports as `PLACE/audit/<id>.json`.
 * @param to a directory that all workers see under this path, or `s3://BUCKET/PREFIX`
 * @param onFailed told of each image that no report can be kept of
 * @throws GlanceError `queue.*`, `io.*`, `place.*`; what listing fails with
 */
export async function planAudits(
  connection: Connection,
  queue: WorkQueue,
  query: ListQuery,
  to: string,
  options: FleetAuditOptions & StoreOptions & { readonly onFailed: (report: Report) => void },
): Promise<PlannedAudits> {
  const { signal, onFailed } = options;
  const service = await serviceFor(connection, signal);
  const place = openPlace(to, connection, options);
  await place.openAudits(signal);
  const link = new QueueLink(queue, connection.system.clock, () => 0);
  const policy = policyOf(options);
  const counts = { images: 0, added: 0, failed: 0 };
  const fail = (image: Image, error: GlanceError): void => {
    counts.failed++;
    onFailed(failedReport(inspectedImage(image), error));
  };
  for await (const images of service.list(query, signal, (odd) => fail(odd.image, odd))) {
    const kept = images.filter((image) => {
      const trouble = troubleOf(image);
      if (trouble !== null) fail(image, trouble);
      return trouble === null;
    });
    const jobs = kept.map((image) => auditJob(image, place.name, service.endpoint, policy));
    counts.images += jobs.length;
    counts.added += await link.ask(() => queue.plan(jobs), signal);
  }
  return counts;
}

/** Why no report of it can be kept; null if one can. */
function troubleOf({ id }: Image): GlanceError | null {
  try {
    auditPath(id);
    return null;
  } catch (error) {
    if (error instanceof GlanceError) return error;
    throw error;
  }
}

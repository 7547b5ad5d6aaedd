// Images inspected by workers: planned here, as many at a time as there are workers for, and reported in list order.
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

/** What the reports should cover. */
export interface FleetAuditOptions {
  /** Whether to report what is in the image. Absent: false. */
  readonly contents?: boolean | undefined;
  /** Maximum number of bytes to read for that, ≥ 1. Absent: 16 MiB. */
  readonly contentsLimit?: number | undefined;
  /**
   * Whether workers may download an image to a temporary file for that if its store does not support ranges. Absent:
   * false.
   */
  readonly spool?: boolean | undefined;
  /** The release of Glance to check each image against. Absent: none. */
  readonly target?: TargetRelease | undefined;
  /** Called for each record in the list that cannot be read. */
  readonly onOdd?: OnOdd;
  /** Called with each event, in order. Must not throw. */
  readonly onEvent?: ((event: FleetEvent) => void) | undefined;
  readonly signal: AbortSignal;
}

function policyOf({ contents = false, contentsLimit, spool = false, target }: FleetAuditOptions): AuditPolicy {
  return { contents, contentsLimit: contentsLimit ?? null, spool, target: target ?? null };
}

/**
 * Has workers inspect the images that match. The reports are like those of `auditImages`, in the same order; each is
 * removed from the queue once the next is requested.
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

/** What the reports should cover, and where they go. */
export interface AuditPlanOptions extends Omit<FleetAuditOptions, 'onOdd' | 'onEvent'>, StoreOptions {
  /** Called with a report for each image whose report cannot be stored; its `error` says why. Must not throw. */
  readonly onFailed?: ((report: Report) => void) | undefined;
}

/** What was put into the queue. */
export interface PlannedAudits {
  /** Images whose reports workers will store. */
  readonly images: number;
  /** How many of them were not in the queue before. */
  readonly added: number;
  /** Images whose reports cannot be stored. */
  readonly failed: number;
}

/**
 * Queues the images that match for inspection and does not wait: workers store the reports as `PLACE/audit/<id>.json`.
 * @param to a directory that all workers see under this path, or `s3://BUCKET/PREFIX`
 * @throws GlanceError `queue.*`, `io.*`, `place.*`; what listing fails with
 */
export async function planAudits(
  connection: Connection,
  queue: WorkQueue,
  query: ListQuery,
  to: string,
  options: AuditPlanOptions,
): Promise<PlannedAudits> {
  const { signal, onFailed = () => undefined } = options;
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

/** Why a report of this image cannot be stored; null if it can. */
function troubleOf({ id }: Image): GlanceError | null {
  try {
    auditPath(id);
    return null;
  } catch (error) {
    if (error instanceof GlanceError) return error;
    throw error;
  }
}

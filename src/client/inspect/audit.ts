// Inspects every image of a list: several at once, with reports in list order as they come, and none of them kept in
// memory.
import { failedReport, type Report } from '../../disk/report.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { OddRecordError, OnOdd } from '../../image/odd-record.ts';
import type { ImageService, ListQuery } from '../../image/service.ts';
import { serviceFor } from '../calls.ts';
import type { Connection } from '../connection.ts';
import { noneMatch } from '../select/select.ts';
import type { ContentsOptions } from './contents-option.ts';
import { inOrder } from './in-order.ts';
import { inspectedImage, inspectImage } from './inspect-image.ts';

interface AuditOptions extends ContentsOptions {
  /** Images inspected at once, ≥ 1. Absent: 4. */
  readonly jobs?: number;
  /** Aborts the audit, which then fails with its reason. Absent: only the connection's own signal does. */
  readonly signal?: AbortSignal;
  /** Called for each record in the list that cannot be read; its report still comes in its turn. */
  readonly onOdd?: OnOdd;
  /** How to inspect each image. Absent: without a temporary file. */
  readonly inspect?: typeof inspectImage;
}

const defaultJobs = 4;

/**
 * Inspects the images that match. An image that cannot be read, or whose record is malformed, gets a report with `error`.
 * @param query what to list; with `marker` the id of the last report, the audit resumes after that image
 * @throws what listing fails with, after the reports on everything listed before; the signal's reason
 */
export async function* auditImages(
  connection: Connection,
  service: ImageService,
  query: ListQuery,
  { jobs = defaultJobs, signal = connection.signal, onOdd, inspect = inspectImage, ...options }: AuditOptions = {},
): AsyncGenerator<Report, void, undefined> {
  const inspectOne = async (image: Image): Promise<Report> => {
    try {
      return await inspect(connection, service, image, signal, options);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      return failedReport(inspectedImage(image), connection.secrets.hideInError(error));
    }
  };
  const records = listRecords(service, query, signal, onOdd);
  yield* inOrder(records, jobs, async (record) =>
    'odd' in record ? failedReport(inspectedImage(record.odd.image), record.odd) : await inspectOne(record.image),
  );
}

/**
 * Connects, and gives {@link auditImages} of the configured Glance.
 * @param options.mustMatch whether an empty list is an error. Absent: false
 * @throws GlanceError `image.not_found` if nothing matches, though something must; what connecting fails with
 */
export async function openAudit(
  connection: Connection,
  query: ListQuery,
  { mustMatch = false, ...options }: AuditOptions & { readonly mustMatch?: boolean } = {},
): Promise<AsyncIterable<Report>> {
  const service = await serviceFor(connection, options.signal ?? connection.signal);
  const reports = auditImages(connection, service, query, options);
  if (!mustMatch) return reports;
  const first = await reports.next();
  if (first.done === true) throw noneMatch();
  async function* all(report: Report): AsyncGenerator<Report> {
    try {
      yield report;
      yield* reports;
    } finally {
      // Whoever stops at the first report also stops what has begun.
      await reports.return();
    }
  }
  return all(first.value);
}

type ListedRecord = { readonly image: Image } | { readonly odd: OddRecordError };

/** Every image and, in its turn, the failure to read one. */
async function* listRecords(
  service: ImageService,
  query: ListQuery,
  signal: AbortSignal,
  onOdd: OnOdd | undefined,
): AsyncGenerator<ListedRecord> {
  const odd: ListedRecord[] = [];
  const noteOdd: OnOdd = (error) => {
    onOdd?.(error);
    odd.push({ odd: error });
  };
  for await (const images of service.list(query, signal, noteOdd)) {
    yield* odd.splice(0);
    for (const image of images) yield { image };
  }
  yield* odd.splice(0);
}

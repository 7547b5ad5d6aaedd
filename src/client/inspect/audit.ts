// Every image of a list, inspected: several at once, reported in the order of the list as they come, none of them kept.
import { failedReport, type Report } from '../../disk/report.ts';
import { GlanceError } from '../../errors.ts';
import type { OddRecordError, OnOdd } from '../../image/odd-record.ts';
import type { ImageService, ListQuery } from '../../image/service.ts';
import type { Connection } from '../connection.ts';
import type { ContentsOptions } from './contents-option.ts';
import { inspectedImage, inspectImage } from './inspect-image.ts';

export interface AuditOptions extends ContentsOptions {
  /** Images inspected at once, ≥ 1. Absent: 4. */
  readonly jobs?: number;
  /** Ends the audit, which then fails with its reason. Absent: only the connection's own. */
  readonly signal?: AbortSignal;
  /** Told of a record that cannot be read when the list brings it; its report comes in its turn. */
  readonly onOdd?: OnOdd;
  /** How each is inspected. Absent: where it is. */
  readonly inspect?: typeof inspectImage;
}

const defaultJobs = 4;

/**
 * Inspects the images that match. One that cannot be read, or whose record makes no sense, has a report with `error`.
 * @param query what to list; with `marker` the id of the last report, the audit resumes after that image
 * @throws what listing fails with, after the reports on all that was listed before; the signal's reason
 */
export async function* auditImages(
  connection: Connection,
  service: ImageService,
  query: ListQuery,
  { jobs = defaultJobs, signal = connection.signal, onOdd, inspect = inspectImage, ...options }: AuditOptions = {},
): AsyncGenerator<Report, void, undefined> {
  const odd: OddRecordError[] = [];
  const noteOdd: OnOdd = (error) => {
    onOdd?.(error);
    odd.push(error);
  };
  const takeOdd = (): Report[] => odd.splice(0).map((error) => failedReport(inspectedImage(error.image), error));
  for await (const images of service.list(query, signal, noteOdd)) {
    yield* takeOdd();
    yield* inOrder(images, jobs, async (image) => {
      try {
        return await inspect(connection, service, image, signal, options);
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof GlanceError)) throw error;
        return failedReport(inspectedImage(image), connection.secrets.hideInError(error));
      }
    });
  }
  yield* takeOdd();
}

/** Works on several at once and gives the results in the order of the items. */
export async function* inOrder<T, R>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  let next = 0;
  while (next < items.length || running.length > 0) {
    for (; running.length < jobs && next < items.length; next++) {
      const promise = work(items[next] as T);
      // Whoever takes it from the queue learns of its failure.
      promise.catch(() => undefined);
      running.push(promise);
    }
    const first = running.shift();
    if (first !== undefined) yield await first;
  }
}

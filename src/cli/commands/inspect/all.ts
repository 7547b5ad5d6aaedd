// `inspect --all`: every image that the filters leave, some at once, printed in the order of the list as they come.
import { countOf } from '../../../count.ts';
import { GlanceError } from '../../../errors.ts';
import { failedReport, type Report, reportKeys } from '../../../disk/report.ts';
import type { Image } from '../../../image/image.ts';
import type { OddRecordError, OnOdd } from '../../../image/odd-record.ts';
import type { ImageService } from '../../../image/service.ts';
import { renderList } from '../../../output/render.ts';
import { AuditTally, type FailOn } from './tally.ts';
import { type Context, readerLeft } from '../../context.ts';
import { inspectedImage } from '../../../client/inspect-image.ts';
import { inspectImage } from '../../../client/inspect-image.ts';
import { reportColumns, toTableRow } from './report-text.ts';
import { type ListOptions, nativeFormat, toQuery } from '../../options/options.ts';
import { renderSarif } from './sarif.ts';

export interface AuditOptions extends ListOptions {
  readonly jobs?: number;
  readonly failOn?: FailOn;
  readonly sarif?: boolean;
}

const defaultJobs = 4;
/** A person does not want to wait for many before the first is shown. */
const measuredRows = 24;

/**
 * Inspects them all and prints what comes of it.
 * @throws GlanceError `unsafe.image` if one is bad, else `partial` if one could not be read; what listing fails with
 */
export async function auditImages(context: Context, options: AuditOptions): Promise<void> {
  const service = await context.connection.service();
  const tally = new AuditTally(options.failOn ?? 'unsafe');
  let isWhole = false;
  const last: { taken: string | null; printed: string | null } = { taken: null, printed: null };
  async function* reports(): AsyncGenerator<Report> {
    for await (const report of inspectListed(context, service, options)) {
      tally.add(report);
      last.taken = report.id;
      yield report;
    }
    isWhole = true;
  }
  async function* noting(pieces: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const piece of pieces) {
      const upTo = last.taken;
      yield piece;
      last.printed = upTo;
    }
  }
  const printing = async (): Promise<void> => {
    try {
      await print(context, reports(), options, noting);
    } catch (error) {
      for (const line of tally.lines()) context.note(line);
      if (last.printed !== null) context.note(`the same call with --marker ${last.printed} goes on from here`);
      throw error;
    }
    for (const line of tally.lines()) context.note(line);
  };
  await context.printVerdict(printing(), () => outcomeOf(tally, options.failOn) ?? (isWhole ? null : readerLeft()));
}

function outcomeOf(tally: AuditTally, failOn: FailOn | undefined): GlanceError | null {
  const all = countOf(tally.images, 'image');
  const verb = tally.bad === 1 ? 'is' : 'are';
  const what = failOn === 'warning' ? 'not safe, or safe with warnings' : 'not safe';
  if (tally.bad > 0) return new GlanceError('unsafe.image', `${String(tally.bad)} of ${all} ${verb} ${what}`);
  const unread = tally.verdict('unread');
  return unread > 0 ? new GlanceError('partial', `${String(unread)} of ${all} could not be read`) : null;
}

async function print(
  context: Context,
  reports: AsyncGenerator<Report>,
  options: AuditOptions,
  noting: (pieces: AsyncIterable<string>) => AsyncIterable<string>,
): Promise<void> {
  if (options.sarif === true) {
    await context.print(noting(renderSarif(reports, context.runtime.version)));
    return;
  }
  const results = await context.resultOptions();
  if (nativeFormat(context.options) !== 'table') {
    await context.print(
      noting(renderList({ pages: singly(reports), columns: reportColumns, keys: reportKeys, ...results })),
    );
    return;
  }
  const failure: { error?: unknown } = {};
  const pages = singly(untilFailure(reports, failure), toTableRow);
  const keys = [...reportKeys, 'title', 'declared_format', 'verdict', 'codes'];
  const shown = results.width === null ? results : { ...results, measuredRows };
  await context.print(noting(renderList({ pages, columns: reportColumns, keys, ...shown })));
  if ('error' in failure) throw failure.error;
}

/** A table is printed as far as it goes: its first rows wait for each other, and would be lost. */
async function* untilFailure(reports: AsyncIterable<Report>, failure: { error?: unknown }): AsyncGenerator<Report> {
  try {
    yield* reports;
  } catch (error) {
    failure.error = error;
  }
}

/** Each report as a page of its own: shown as soon as it is there. */
async function* singly(
  reports: AsyncIterable<Report>,
  toRow: (report: Report) => object = (report) => report,
): AsyncGenerator<readonly object[]> {
  for await (const report of reports) yield [toRow(report)];
}

async function* inspectListed(context: Context, service: ImageService, options: AuditOptions): AsyncGenerator<Report> {
  const jobs = options.jobs ?? defaultJobs;
  const unread: OddRecordError[] = [];
  const onOdd: OnOdd = (odd) => {
    context.tell(odd.message);
    unread.push(odd);
  };
  const reportUnread = (): Report[] => unread.splice(0).map((odd) => failedReport(inspectedImage(odd.image), odd));
  for await (const images of service.list(toQuery(options), context.runtime.signal, onOdd)) {
    yield* reportUnread();
    yield* inOrder(images, jobs, (image) => reportOn(context, service, image));
  }
  yield* reportUnread();
}

async function reportOn(context: Context, service: ImageService, image: Image): Promise<Report> {
  try {
    return await inspectImage(context.connection, service, image);
  } catch (error) {
    context.runtime.signal.throwIfAborted();
    if (!(error instanceof GlanceError)) throw error;
    return failedReport(inspectedImage(image), error);
  }
}

/** Works on some at once and gives the results in the order of the items. */
async function* inOrder<T, R>(items: readonly T[], jobs: number, work: (item: T) => Promise<R>): AsyncGenerator<R> {
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
    // oxlint-disable-next-line no-await-in-loop -- in order
    if (first !== undefined) yield await first;
  }
}

// `inspect` for several images: prints findings as they come, and a summary.
import { openAudit } from '../../../client/inspect/audit.ts';
import { type Report, reportKeys } from '../../../client/inspect/report.ts';
import { renderSarif } from '../../../client/inspect/sarif.ts';
import { AuditTally, type FailOn } from '../../../client/inspect/tally.ts';
import { countOf } from '../../../text/count.ts';
import type { ListQuery } from '../../../image/service.ts';
import { GlanceError } from '../../../errors.ts';
import { renderList } from '../../../output/render.ts';
import { untilFailure } from '../../../output/until-failure.ts';
import { withOptions } from '../../console/option-names.ts';
import { type Context, readerLeft } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';
import { nativeFormat } from '../../options/options.ts';
import { contentsOptions } from './contents-options.ts';
import { openPage } from './html.ts';
import { columnsOf, toTableRow } from './report-text.ts';
import { describeTally } from './tally-text.ts';

/** Small, since nobody wants to wait for many reports before seeing the first. */
const measuredRows = 24;

/** A source of reports. */
export interface ReportSource {
  readonly reports: AsyncIterable<Report>;
  /** Whether the same call can resume after the id of a report. */
  readonly resumes: boolean;
  /** Called before something is printed. */
  readonly clear?: () => void;
}

/**
 * Inspects every image that a query lists, as they are listed.
 * @param isMiss whether an empty list is an error
 * @throws GlanceError `image.not_found`
 */
export async function auditSource(
  context: Context,
  query: ListQuery,
  options: InspectOptions,
  isMiss: boolean,
): Promise<ReportSource> {
  const { jobs } = options;
  const reports = await openAudit(context.connection, query, {
    ...(await contentsOptions(options)),
    ...(jobs === undefined ? {} : { jobs }),
    onOdd: ({ message }) => context.tell(message),
    mustMatch: isMiss,
  });
  return { reports, resumes: true };
}

/**
 * Prints reports as they come, and a summary.
 * @throws GlanceError `unsafe.image` if one is bad, otherwise `partial` if one could not be read; what ends the reports
 */
export async function printReports(context: Context, source: ReportSource, options: InspectOptions): Promise<void> {
  const tally = new AuditTally(options.failOn ?? 'unsafe');
  const page = await openPage(context, options);
  let isWhole = false;
  const last: { taken: string | null; printed: string | null } = { taken: null, printed: null };
  async function* reports(): AsyncGenerator<Report> {
    for await (const report of source.reports) {
      tally.add(report);
      page.add(report);
      last.taken = report.id;
      yield report;
    }
    isWhole = true;
  }
  async function* noting(pieces: AsyncIterable<string>): AsyncGenerator<string> {
    for await (const piece of pieces) {
      const upTo = last.taken;
      source.clear?.();
      yield piece;
      last.printed = upTo;
    }
  }
  const printing = async (): Promise<void> => {
    try {
      await print(context, reports(), options, noting);
      if (isWhole) await page.write();
    } catch (error) {
      for (const line of describeTally(tally)) context.note(line);
      if (source.resumes && last.printed !== null)
        context.advise(`the same call with --marker ${last.printed} resumes from here`);
      throw error;
    }
    for (const line of describeTally(tally)) context.note(line);
  };
  await context.printVerdict(printing(), () => outcomeOf(tally, options.failOn) ?? (isWhole ? null : readerLeft()));
}

const badWords: Partial<Readonly<Record<FailOn, string>>> = {
  warning: 'not safe, or safe with warnings',
  target: 'not safe, or would be refused',
};

function outcomeOf(tally: AuditTally, failOn: FailOn | undefined): GlanceError | null {
  const all = countOf(tally.images, 'image');
  const verb = tally.bad === 1 ? 'is' : 'are';
  const what = badWords[failOn ?? 'unsafe'] ?? 'not safe';
  if (tally.bad > 0) return new GlanceError('unsafe.image', `${String(tally.bad)} of ${all} ${verb} ${what}`);
  const unread = tally.verdict('unread');
  return unread > 0 ? new GlanceError('partial', `${String(unread)} of ${all} could not be read`) : null;
}

async function print(
  context: Context,
  reports: AsyncGenerator<Report>,
  options: InspectOptions,
  noting: (pieces: AsyncIterable<string>) => AsyncIterable<string>,
): Promise<void> {
  if (options.sarif === true) {
    await context.print(noting(renderSarif(reports, context.runtime.version, withOptions)));
    return;
  }
  const results = await context.resultOptions();
  if (nativeFormat(context.options) !== 'table') {
    await context.print(
      noting(renderList({ pages: singly(reports), columns: columnsOf(options), keys: reportKeys, ...results })),
    );
    return;
  }
  const { pages, finish } = untilFailure(singly(reports, toTableRow));
  const keys = [...reportKeys, 'title', 'declared_format', 'verdict', 'codes', 'inside', 'package_count', 'taken'];
  const shown = results.width === null ? results : { ...results, measuredRows };
  await context.print(noting(renderList({ pages, columns: columnsOf(options), keys, ...shown })));
  finish();
}

/** Each report is printed as soon as it is available. */
async function* singly(
  reports: AsyncIterable<Report>,
  toRow: (report: Report) => object = (report) => report,
): AsyncGenerator<readonly object[]> {
  for await (const report of reports) yield [toRow(report)];
}

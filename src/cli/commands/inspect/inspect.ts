import { inspectStream } from '../../../client/inspect/inspect-file.ts';
import { inspectNamed } from '../../../client/inspect/inspect-named.ts';
import { type Report, reportKeys } from '../../../client/inspect/report.ts';
import { renderSarif } from '../../../client/inspect/sarif.ts';
import { isBad } from '../../../client/inspect/tally.ts';
import { GlanceError } from '../../../errors.ts';
import { renderOne } from '../../../output/render.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';
import { printAudit } from './all.ts';
import { contentsOptions } from './contents-options.ts';
import { describeReport } from './report-text.ts';

/** `inspect [target]`: what image data is, and whether it is safe. */
export async function inspect(context: Context, target: string | undefined, options: InspectOptions): Promise<void> {
  if (options.all === true) {
    if (target !== undefined) throw new GlanceError('usage.argument', '--all cannot be combined with an image');
    await printAudit(context, options);
    return;
  }
  if (target === undefined)
    throw new GlanceError('usage.argument', 'nothing to inspect: name an image or a file, or give --all', {
      hint: 'see glance-cli inspect --help',
    });
  const report = await inspectTarget(context, target, options);
  const isUnsafe = isBad(report, options.failOn ?? 'unsafe');
  await context.printVerdict(printOne(context, report, options), () => (isUnsafe ? unsafeError(report) : null));
}

async function inspectTarget(context: Context, target: string, options: InspectOptions): Promise<Report> {
  const { runtime, connection } = context;
  const { stdin, signal } = runtime;
  const onTrouble = (message: string): void => context.warn(`not all of the contents may be known: ${message}`);
  const contents = { ...(await contentsOptions(options)), onTrouble };
  if (target === '-') return await inspectStream(stdin(), { signal, ...contents });
  const { latest = false, s3Endpoint } = options;
  return await inspectNamed(connection, target, { latest, s3Endpoint, ...contents });
}

async function printOne(context: Context, report: Report, options: InspectOptions): Promise<void> {
  if (options.sarif === true) {
    await context.print(renderSarif([report], context.runtime.version, withOptions));
    return;
  }
  const results = await context.resultOptions();
  if (results.format === 'table' && results.selected === null) {
    await context.printText(await describeReport(report, results));
    return;
  }
  await context.print(renderOne({ row: report, keys: reportKeys, ...results }));
}

function unsafeError(report: Report): GlanceError {
  const codes = report.hazards.map(({ code }) => code);
  const what = report.name ?? report.id ?? report.path ?? 'standard input';
  if (report.safe === true) {
    return new GlanceError('unsafe.image', `${what} is safe, with warnings: ${[...new Set(codes)].join(', ')}`, {
      image: report.id ?? undefined,
      hint: '--fail-on warning counts warnings too',
    });
  }
  return new GlanceError('unsafe.image', `${what} is not safe: ${[...new Set(codes)].join(', ')}`, {
    image: report.id ?? undefined,
    hint: 'do not hand it to a hypervisor',
  });
}

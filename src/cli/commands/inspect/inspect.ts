import type { ContentsOptions } from '../../../client/inspect/contents-option.ts';
import { inspectStreamed } from '../../../client/inspect/inspect-file.ts';
import { inspectImage } from '../../../client/inspect/inspect-image.ts';
import { isLocal } from '../../../client/inspect/find-named.ts';
import { inspectNamed } from '../../../client/inspect/inspect-named.ts';
import { inspectTargets, selectTargets } from '../../../client/inspect/inspect-several.ts';
import { patternOf } from '../../../client/select/select.ts';
import { Waiting } from '../../../client/select/wait.ts';
import { isPlain, onlyOne } from '../../../client/select/selection.ts';
import { type Report, reportKeys, subjectOf } from '../../../client/inspect/report.ts';
import { renderSarif } from '../../../client/inspect/sarif.ts';
import { isBad } from '../../../client/inspect/tally.ts';
import { GlanceError } from '../../../errors.ts';
import { renderOne } from '../../../output/render.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';
import { toQuery } from '../../options/options.ts';
import { checkReaders, type Meant, readMeant, selectOptionsOf, tellMatches } from '../../selection.ts';
import { auditSource, printReports } from './all.ts';
import { checkQueueOptions, isForWorkers } from './queue-checks.ts';
import { type ContentsChoice, contentsOptions } from './contents-options.ts';
import { openPage } from './html.ts';
import { describeReport } from './report-text.ts';
import type { SbomInspection } from './sbom.ts';
import { refusedError } from './target-text.ts';

/** `inspect [target...]`: what image data is, and whether it is safe. */
export async function inspect(context: Context, names: readonly string[], options: InspectOptions): Promise<void> {
  const { sbom } = options;
  checkQueueOptions(context, options);
  if (sbom !== undefined && (options.all === true || options.imagesFrom !== undefined)) throw oneOnly();
  if (options.all === true) {
    if (names.length > 0 || options.imagesFrom !== undefined) {
      throw new GlanceError('usage.argument', '--all cannot be combined with an image');
    }
    const query = toQuery(options, context.runtime.clock.wallTime());
    if (options.latest === true) {
      throw new GlanceError('usage.option', '--all means every image, and --latest one of them');
    }
    if ((options.wait ?? options.waitTimeout) !== undefined) {
      throw new GlanceError('usage.option', '--all takes images as they are, and does not wait', {
        hint: 'leave out --wait',
      });
    }
    if (isForWorkers(context, options)) {
      const { auditFleet } = await import('./fleet.ts');
      return await auditFleet(context, query, options, (source) => printReports(context, source, options));
    }
    return await printReports(context, await auditSource(context, query, options, false), options);
  }
  const meant = await readMeant(context, 'inspect', names, options);
  checkReaders(context, meant.images ?? [], options.imagesFrom);
  await checkOutputs(context, meant.images ?? [], options);
  const [name, ...others] = new Set(meant.images);
  if (sbom !== undefined && (others.length > 0 || (meant.query !== undefined && options.latest !== true)))
    throw oneOnly();
  if (meant.query !== undefined && options.latest !== true && options.wait !== true) {
    return await printReports(context, await auditSource(context, meant.query, options, true), options);
  }
  if (
    name !== undefined &&
    others.length === 0 &&
    options.imagesFrom === undefined &&
    (await isPlainTarget(context, name))
  ) {
    return await printReport(context, options, (more) => inspectTarget(context, name, options, more));
  }
  await inspectSeveral(context, meant, options);
}

/**
 * @param names arguments and lines of a list
 * @throws GlanceError `io.exists` if an output file would overwrite something that is inspected, or the list of names;
 * `usage.option` if two outputs would go to the same file
 */
async function checkOutputs(
  { runtime: { cwd, stdin } }: Context,
  names: readonly string[],
  { html, sbom, imagesFrom }: InspectOptions,
): Promise<void> {
  const paths = [html, sbom].filter((path): path is string => path !== undefined && path !== '-');
  if (paths.length === 0) return;
  const { checkNotInspected, isSameFile } = await import('../../../client/inspect/report-file.ts');
  const sources = [...names, ...(imagesFrom === undefined ? [] : [imagesFrom])].map((name) => {
    if (name !== '-') return name;
    const input = stdin();
    return 'fd' in input && typeof input.fd === 'number' ? input.fd : name;
  });
  for (const path of paths) await checkNotInspected(cwd, path, sources);
  const [page, list] = paths;
  if (page !== undefined && list !== undefined && (await isSameFile(cwd, page, list))) {
    throw new GlanceError('usage.option', '--html and --sbom would both be written to the same file', {
      hint: 'name two different files',
    });
  }
}

/** Whether a name means a single thing, whatever images exist: it is not a pattern, or it is that of a local file. */
async function isPlainTarget({ runtime, options }: Context, name: string): Promise<boolean> {
  return options.compat !== undefined || patternOf(name) === null || (await isLocal(runtime.cwd, name));
}

async function inspectSeveral(context: Context, meant: Meant, options: InspectOptions): Promise<void> {
  const { connection, runtime } = context;
  const { jobs, imagesFrom, s3Endpoint } = options;
  const contents = await contentsOf(context, options);
  const how = { ...selectOptionsOf(context, options), jobs };
  const { targets, selection } = await selectTargets(connection, meant, how);
  const [first] = targets;
  const one = targets.length === 1 && typeof first === 'object' ? first : null;
  // If the user means one thing and it does not exist, there is nothing else to report.
  if (one !== null && one.error !== null && one.error.code !== 'metadata.invalid') throw one.error;
  tellMatches(context, selection);
  const reports = inspectTargets(connection, targets, { ...contents, jobs, s3Endpoint, stdin: runtime.stdin });
  if (one === null || !isPlain(selection) || imagesFrom !== undefined) {
    if (options.sbom !== undefined) throw oneOnly();
    return await printReports(context, { reports, resumes: false }, options);
  }
  const { image, service } = onlyOne(selection);
  const { inspect: inspectIt = inspectImage, ...rest } = contents;
  const { signal } = connection;
  await printReport(context, options, (more) => inspectIt(connection, service, image, signal, { ...rest, ...more }));
}

/** How to read contents, and how to report trouble with that. */
async function contentsOf(context: Context, options: InspectOptions): Promise<ContentsChoice> {
  const onTrouble = (message: string): void => context.warn(`part of the contents may be missing: ${message}`);
  return { ...(await contentsOptions(options)), onTrouble };
}

/** @param inspectIt called once it is known that there is room for what will be written */
async function printReport(context: Context, options: InspectOptions, inspectIt: Inspecting): Promise<void> {
  const page = await openPage(context, options);
  const { report, print } = await takeReport(context, options, inspectIt);
  page.add(report);
  await page.write();
  const isUnsafe = isBad(report, options.failOn ?? 'unsafe');
  const printing = print(() => printOne(context, report, options));
  await context.printVerdict(printing, () => (isUnsafe ? unsafeError(report) : null));
}

type Inspecting = (more: Pick<ContentsOptions, 'contents' | 'onPackages'>) => Promise<Report>;

async function takeReport(context: Context, options: InspectOptions, inspectIt: Inspecting): Promise<SbomInspection> {
  if (options.sbom !== undefined) {
    const { inspectForSbom } = await import('./sbom.ts');
    return await inspectForSbom(context, options.sbom, options, inspectIt);
  }
  return { report: await inspectIt({}), print: (printOwn) => printOwn() };
}

function oneOnly(): GlanceError {
  return new GlanceError('usage.option', '--sbom works for one image only', {
    hint: 'run it for each id that list -f value -c id prints',
  });
}

async function inspectTarget(
  context: Context,
  target: string,
  options: InspectOptions,
  more: Parameters<Inspecting>[0],
): Promise<Report> {
  const { runtime, connection } = context;
  const { stdin, clock, signal } = runtime;
  const contents = { ...(await contentsOf(context, options)), ...more };
  if (target === '-') return await inspectStreamed(stdin(), { clock, signal, ...contents });
  const { latest, choose, waitMs, onWait } = selectOptionsOf(context, options);
  const waiting = new Waiting(connection, { waitMs, onWait, strict: true });
  const { s3Endpoint } = options;
  return await inspectNamed(connection, target, { latest: latest === true, choose, waiting, s3Endpoint, ...contents });
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
  const what = subjectOf(report);
  if (report.safe === true && report.target?.accepted === false) return refusedError(report);
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

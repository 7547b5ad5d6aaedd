import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { failedReport, type Report, reportKeys } from '../../disk/report.ts';
import type { Image } from '../../image/image.ts';
import { findPin } from '../../image/pin.ts';
import type { ImageService } from '../../image/service.ts';
import { parseImageUri } from '../../image/uri.ts';
import { escapeControls } from '../../output/escape.ts';
import { renderList, renderOne } from '../../output/render.ts';
import type { Context } from '../context.ts';
import { inspectedImage, inspectFile, inspectImage, inspectStream } from '../inspection.ts';
import { summarize, describeReport, reportColumns, toSarif, toTableRow } from '../inspect-output.ts';
import { type ListOptions, nativeFormat, toQuery } from '../options.ts';

export interface InspectOptions extends ListOptions {
  readonly latest?: boolean;
  readonly jobs?: number;
  readonly failOn?: 'unsafe' | 'warning' | 'never';
  readonly sarif?: boolean;
}

const defaultJobs = 4;

/** `inspect [target]`: what image data is, and whether it is safe. */
export async function inspect(context: Context, target: string | undefined, options: InspectOptions): Promise<void> {
  if (options.all === true) {
    if (target !== undefined) throw new GlanceError('usage.argument', '--all takes the place of an image');
    await inspectAll(context, options);
    return;
  }
  if (target === undefined)
    throw new GlanceError('usage.argument', 'nothing to inspect: name an image or a file, or give --all');
  const report = await inspectTarget(context, target, options.latest === true);
  await printOne(context, report, options);
  if (isBad(report, options)) throw unsafeError(report);
}

async function inspectTarget(context: Context, target: string, latest: boolean): Promise<Report> {
  const { runtime, session } = context;
  if (target === '-') return await inspectStream(runtime.stdin);
  const path = await localPath(runtime.cwd, target);
  if (path !== null) return await inspectFile(path);
  const { image, service } = await session.find(target, latest);
  return await inspectImage(context, service, image);
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID, a URI and a pinned name are images, whatever files there are. @returns null for an image */
async function localPath(cwd: string, target: string): Promise<string | null> {
  if (uuid.test(target) || parseImageUri(target) !== undefined || findPin(target).pin !== null) return null;
  const path = resolve(cwd, target);
  if (/[/\\]/.test(target)) return path;
  return await stat(path).then(
    (found) => (found.isDirectory() ? null : path),
    () => null,
  );
}

async function printOne(context: Context, report: Report, options: InspectOptions): Promise<void> {
  if (options.sarif === true) {
    await context.printText(toSarif([report], context.runtime.version));
    return;
  }
  const results = await context.resultOptions();
  if (results.format === 'table' && results.selected === null) {
    await context.printText(await describeReport(report, results));
    return;
  }
  await context.print(renderOne({ row: report, keys: reportKeys, ...results }));
}

/** Several at a time, printed in the order of the list as they come. */
async function inspectAll(context: Context, options: InspectOptions): Promise<void> {
  const service = await context.session.service();
  const all: Report[] = [];
  async function* pages(): AsyncGenerator<readonly Report[]> {
    for await (const images of service.list(toQuery(options), context.runtime.signal)) {
      for await (const report of inOrder(images, options.jobs ?? defaultJobs, (image) =>
        reportOn(context, service, image),
      )) {
        all.push(report);
        yield [report];
      }
    }
  }
  try {
    await printAll(context, pages(), options, all);
  } catch (error) {
    const last = all.at(-1)?.id ?? null;
    if (last !== null) context.note(`the same call with --marker ${escapeControls(last)} goes on from here`);
    throw error;
  }
  for (const line of summarize(all)) context.note(line);
  const unread = all.filter(({ safe }) => safe === null).length;
  const bad = all.filter((report) => isBad(report, options)).length;
  if (bad > 0) throw new GlanceError('unsafe.image', `${String(bad)} of ${String(all.length)} images are not safe`);
  if (unread > 0)
    throw new GlanceError('partial', `${String(unread)} of ${String(all.length)} images could not be read`);
}

async function printAll(
  context: Context,
  pages: AsyncGenerator<readonly Report[]>,
  options: InspectOptions,
  all: readonly Report[],
): Promise<void> {
  if (options.sarif === true) {
    let step = await pages.next();
    while (step.done !== true) {
      // oxlint-disable-next-line no-await-in-loop -- all of it, one after the other
      step = await pages.next();
    }
    await context.printText(toSarif(all, context.runtime.version));
    return;
  }
  const results = await context.resultOptions();
  const isTable = nativeFormat(context.options) === 'table';
  async function* rows(): AsyncGenerator<readonly object[]> {
    for await (const page of pages) yield isTable ? page.map(toTableRow) : page;
  }
  const keys = isTable ? [...reportKeys, 'declared_format', 'verdict', 'codes'] : reportKeys;
  await context.print(renderList({ pages: rows(), columns: reportColumns, keys, ...results }));
}

async function reportOn(context: Context, service: ImageService, image: Image): Promise<Report> {
  try {
    return await inspectImage(context, service, image);
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

function isBad({ safe, hazards }: Report, { failOn = 'unsafe' }: InspectOptions): boolean {
  if (failOn === 'never') return false;
  return safe === false || (failOn === 'warning' && hazards.length > 0);
}

function unsafeError(report: Report): GlanceError {
  const codes = report.hazards.map(({ code }) => code);
  const what = report.name ?? report.id ?? report.path ?? 'standard input';
  return new GlanceError('unsafe.image', `${what} is not safe: ${[...new Set(codes)].join(', ')}`, {
    image: report.id ?? undefined,
    hint: 'do not hand it to a hypervisor',
  });
}

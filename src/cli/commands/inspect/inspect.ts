import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { GlanceError } from '../../../errors.ts';
import { type Report, reportKeys } from '../../../disk/report.ts';
import { findPin } from '../../../image/pin.ts';
import { parseImageUri } from '../../../image/uri.ts';
import { renderOne } from '../../../output/render.ts';
import { absolutePath } from '../../../places.ts';
import { auditImages, type AuditOptions } from './all.ts';
import { isBad } from './tally.ts';
import { findImage } from '../../../client/find.ts';
import type { Context } from '../../context.ts';
import { inspectFile, inspectStream } from '../../../client/inspect-file.ts';
import { inspectImage } from '../../../client/inspect-image.ts';
import { describeReport } from './report-text.ts';
import { renderSarif } from './sarif.ts';

export interface InspectOptions extends AuditOptions {
  readonly latest?: boolean;
}

/** `inspect [target]`: what image data is, and whether it is safe. */
export async function inspect(context: Context, target: string | undefined, options: InspectOptions): Promise<void> {
  if (options.all === true) {
    if (target !== undefined) throw new GlanceError('usage.argument', '--all takes the place of an image');
    await auditImages(context, options);
    return;
  }
  if (target === undefined)
    throw new GlanceError('usage.argument', 'nothing to inspect: name an image or a file, or give --all', {
      hint: 'see glance-cli inspect --help',
    });
  const report = await inspectTarget(context, target, options.latest === true);
  const isUnsafe = isBad(report, options.failOn ?? 'unsafe');
  await context.printVerdict(printOne(context, report, options), () => (isUnsafe ? unsafeError(report) : null));
}

async function inspectTarget(context: Context, target: string, latest: boolean): Promise<Report> {
  const { runtime, connection } = context;
  if (target === '-') return await inspectStream(runtime.stdin, runtime.signal);
  const path = await localPath(runtime.cwd, target);
  if (path !== null) return await inspectFile(path, runtime.signal);
  const { image, service } = await findImage(connection, target, { latest, strict: true }).catch((error: unknown) => {
    throw isImageOnly(target) ? error : addNoFile(error);
  });
  return await inspectImage(connection, service, image);
}

/** What was meant may have been a file. */
function addNoFile(error: unknown): unknown {
  if (!(error instanceof GlanceError) || !/^(?:image\.not_found|config\.missing)$/.test(error.code)) return error;
  return new GlanceError(error.code, `${error.message}, and there is no such file here`, {
    ...error.facts,
    cause: error,
  });
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A UUID, a URI and a pinned name are images, whatever files there are. */
function isImageOnly(target: string): boolean {
  return uuid.test(target) || parseImageUri(target) !== undefined || findPin(target).pin !== null;
}

/** @returns null for an image */
async function localPath(cwd: string | null, target: string): Promise<string | null> {
  if (isImageOnly(target)) return null;
  if (/[/\\]/.test(target)) return absolutePath(cwd, target);
  if (cwd === null) return null;
  const path = resolve(cwd, target);
  return await stat(path).then(
    (found) => (found.isDirectory() ? null : path),
    () => null,
  );
}

async function printOne(context: Context, report: Report, options: InspectOptions): Promise<void> {
  if (options.sarif === true) {
    await context.print(renderSarif(Readable.from([report]), context.runtime.version));
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

// Inspects several things that somebody named: images, files, and a stream.
import type { Readable } from 'node:stream';
import { failedReport, type Report, undeclared } from '../../disk/report.ts';
import { GlanceError } from '../../errors.ts';
import { OddRecordError } from '../../image/odd-record.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { selectImages, type SelectOptions, type SelectRequest } from '../select/select.ts';
import { addressOf, type Selected, type Selection } from '../select/selection.ts';
import type { ContentsOptions } from './contents-option.ts';
import { inspectStreamed } from './inspect-file.ts';
import { inspectedImage, inspectImage } from './inspect-image.ts';
import { isLocal } from './find-named.ts';
import { inOrder } from './in-order.ts';
import { inspectNamed } from './inspect-named.ts';

/** What to inspect: a file or `-`, by its name, or an image that was looked for. */
type Target = string | Selected;

interface Targets {
  /** In the order in which they were named, each once. */
  readonly targets: readonly Target[];
  /** Those of them that are images. */
  readonly selection: Selection;
}

/** Tells files and images apart, and finds the images. @throws as {@link selectImages} */
export async function selectTargets(
  connection: Connection,
  { images = [], query }: SelectRequest,
  options: SelectOptions,
): Promise<Targets> {
  const names = [...new Set(images)];
  const areLocal = await Promise.all(names.map((name) => isLocal(connection.system.cwd, name)));
  const called = names.filter((_, index) => areLocal[index] !== true);
  const request = query === undefined ? { images: called } : { query };
  const selection = await selectImages(connection, request, { ...options, strict: true });
  const choices = [...selection.choices];
  const seen = new Set<string>();
  const isNew = (each: Selected): boolean => {
    const size = seen.size;
    return seen.add(addressOf(each)).size > size;
  };
  const takeNext = (): readonly Target[] => choices.shift()?.picks.filter(isNew) ?? [];
  const named = names.flatMap((name, index): readonly Target[] => (areLocal[index] === true ? [name] : takeNext()));
  return { targets: query === undefined ? named : takeNext(), selection };
}

interface SeveralInspectOptions extends ContentsOptions {
  /** Inspections at once, ≥ 1. Absent: 4. */
  readonly jobs?: number | undefined;
  /** Opens the stream for `-`. Absent: there is none. */
  readonly stdin?: (() => Readable) | undefined;
  readonly s3Endpoint?: string | undefined;
  /** How to inspect an image. Absent: without a temporary file. */
  readonly inspect?: typeof inspectImage;
  /** Aborts the call. Absent: only the connection's own signal does. */
  readonly signal?: AbortSignal;
}

const defaultJobs = 4;

/**
 * Inspects the targets, several at once. One that cannot be read or found gets a report with `error`.
 * @returns reports in the order of the targets
 * @throws the signal's reason
 */
export async function* inspectTargets(
  connection: Connection,
  targets: readonly Target[],
  { jobs = defaultJobs, signal = connection.signal, ...options }: SeveralInspectOptions,
): AsyncGenerator<Report, void, undefined> {
  yield* inOrder(targets, jobs, async (target) => {
    try {
      return await inspectOne(connection, target, signal, options);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      return failed(target, connection.secrets.hideInError(error));
    }
  });
}

/** {@link inspectTargets} for images that were found. */
export function inspectFound(
  connection: Connection,
  found: readonly Found[],
  options: SeveralInspectOptions,
): AsyncGenerator<Report, void, undefined> {
  const targets = found.map((each) => ({ query: each.image.id, found: each, error: null }));
  return inspectTargets(connection, targets, options);
}

async function inspectOne(
  connection: Connection,
  target: Target,
  signal: AbortSignal,
  { stdin, inspect = inspectImage, ...options }: Omit<SeveralInspectOptions, 'jobs' | 'signal'>,
): Promise<Report> {
  if (typeof target !== 'string') {
    if (target.error !== null) throw target.error;
    const { image, service } = target.found;
    return await inspect(connection, service, image, signal, options);
  }
  if (target === '-' && stdin !== undefined) {
    return await inspectStreamed(stdin(), { clock: connection.system.clock, signal, ...options });
  }
  return await inspectNamed(connection, target, { latest: false, inspect, signal, ...options });
}

/** The report on a failure. An image that was not found is listed under the name that was given. */
function failed(target: Target, error: GlanceError): Report {
  const declared = undeclared;
  if (typeof target === 'string') {
    return failedReport({ id: null, name: null, path: target, size: null, declared }, error);
  }
  const record = target.found?.image ?? (target.error instanceof OddRecordError ? target.error.image : null);
  if (record !== null) return failedReport(inspectedImage(record), error);
  return failedReport({ id: null, name: target.query, path: null, size: null, declared }, error);
}

// Plans what a download would do, image by image (schemas/download-plan.json). Transfers no data and writes nothing.
import { dirname } from 'node:path';
import { addFacts, type ErrorCode, type GlanceError } from '../../errors.ts';
import { type Image, mayHaveData } from '../../image/image.ts';
import { noDataError } from '../../image/no-data.ts';
import { foreseeDownload, type Foreseen } from '../../transfer/foresee.ts';
import { fileTarget, inspectTarget, isThere } from '../../transfer/files/target.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { foreseePath, type NamedPlace, type Naming } from '../naming/place.ts';
import { type Chosen, ownFailure, type Selected } from '../select/selection.ts';
import { type FetchOptions, observeData, openSource } from './download.ts';
import { checkRecordPlace, noRecordPlace } from './record-beside.ts';
import { placeSeveral, type SeveralOptions } from './several.ts';

/** What would happen to one image. */
export interface PlannedDownload {
  /**
   * `resume`: it continues from what an earlier run left; `current`: the target matches already; `in_the_way`: the target
   * is another file; `failed`: it is already known that the download would fail.
   */
  readonly outcome: Foreseen['outcome'] | 'failed';
  /** Id of the image; if it was not found, what was asked for. */
  readonly image: string;
  readonly name: string | null;
  /** Where the data would go: absolute; null for a stream, or if unknown. */
  readonly path: string | null;
  /** Bytes of image data; null if unknown. */
  readonly bytes: number | null;
  /** Bytes from an earlier run that would not have to be fetched again. */
  readonly kept: number;
  /** The failure to expect; null if nothing known would stop it. */
  readonly error: { readonly code: ErrorCode; readonly message: string } | null;
}

/** The keys of a plan in the order in which they are printed. Public interface. */
export const planKeys = [
  'outcome',
  'image',
  'name',
  'path',
  'bytes',
  'kept',
  'error',
] as const satisfies readonly (keyof PlannedDownload)[];

/** A plan, with the error itself. */
interface Foresight {
  readonly query: string;
  readonly planned: PlannedDownload;
  readonly error: GlanceError | null;
}

/** An image, and the path for its data; null for a stream. */
type Destined = Selected & { readonly path?: string | null };

/** What aborts planning: {@link signal} aborts the plan of a single image, the interruption that of all of them. */
export interface ForeseeRun {
  readonly signal: AbortSignal;
  readonly interruption: AbortSignal;
}

/**
 * Plans the download of one image.
 * @param place null for a stream
 * @throws GlanceError `usage.option` for a template with a value that the image does not have; anything but a GlanceError;
 * the interruption's reason
 */
export async function foreseeOne(
  connection: Connection,
  { query, found }: Chosen,
  place: NamedPlace | null,
  options: FetchOptions,
  run: ForeseeRun & {
    /** Looks at the path before anything else. What it throws is the failure to expect. */
    readonly check?: (path: string) => Promise<void>;
  },
): Promise<Foresight> {
  let path: string | null = null;
  try {
    path = place === null ? null : await foreseePath(place, found.image);
    if (path !== null) await run.check?.(path);
  } catch (thrown) {
    const error = ownFailure(thrown, run.interruption);
    if (error.code === 'usage.option') throw error;
    return await foreseeDestined(connection, { query, found, path, error }, options, run);
  }
  return await foreseeDestined(connection, { query, found, path, error: null }, options, run);
}

/**
 * Plans the download of several images, one after another.
 * @throws as {@link placeSeveral}
 */
export async function foreseeSeveral(
  connection: Connection,
  selected: readonly Selected[],
  naming: Naming,
  options: SeveralOptions,
  run: ForeseeRun,
): Promise<readonly Foresight[]> {
  const all: Foresight[] = [];
  for (const each of await placeSeveral(connection, selected, naming, options, run)) {
    all.push(await foreseeDestined(connection, each, options, run));
  }
  return all;
}

async function foreseeDestined(
  connection: Connection,
  destined: Destined,
  options: FetchOptions,
  { signal, interruption }: ForeseeRun,
): Promise<Foresight> {
  const { query, found, path = null } = destined;
  try {
    if (destined.error !== null) throw destined.error;
    const { outcome, kept, error } = await foresee(connection, destined.found, path, options, signal);
    return { query, planned: toPlanned(destined, outcome, kept, error), error };
  } catch (thrown) {
    const error = ownFailure(thrown, interruption);
    if (found !== null) addFacts(error, { image: found.image.id });
    return { query, planned: toPlanned(destined, 'failed', 0, error), error };
  }
}

async function foresee(
  connection: Connection,
  found: Found,
  path: string | null,
  options: FetchOptions,
  signal: AbortSignal,
): Promise<Foreseen> {
  const { image } = found;
  // Checks in the order of a download, so that the first failure is the one that the download would end with.
  const source = await openSource(connection, found, options, signal);
  const watching = await observeData(connection, image, options);
  const target = path === null ? null : await targetOf(path);
  if (target === null) {
    if (options.metadata === true) throw noRecordPlace();
    checkData(image);
    return { outcome: 'fetch', kept: 0, error: null };
  }
  if (options.metadata === true) await checkRecordPlace(target.path, image, options.force === true);
  const foreseen = await foreseeDownload(source, target, {
    force: options.force === true,
    checkSpace: options.spaceCheck !== false && (await isThere(dirname(target.path))),
    uid: connection.system.uid,
    signal,
    ...watching,
  });
  if (foreseen.error === null && foreseen.outcome !== 'current') checkData(image);
  return foreseen;
}

/** @throws GlanceError `image.no_data`, `image.deactivated` */
function checkData(image: Image): void {
  if (!mayHaveData(image.status)) throw noDataError(image, null);
}

/** Null for a FIFO or a device. A missing directory is not an obstacle: the download would create it. */
async function targetOf(path: string): Promise<ReturnType<typeof fileTarget> | null> {
  if (!(await isThere(dirname(path)))) return fileTarget(path);
  const target = await inspectTarget(path);
  return target.kind === 'file' ? target : null;
}

function toPlanned(
  { query, found, path = null }: Destined,
  outcome: PlannedDownload['outcome'],
  kept: number,
  error: GlanceError | null,
): PlannedDownload {
  return {
    outcome,
    image: found?.image.id ?? error?.facts.image ?? query,
    name: found?.image.name ?? null,
    path,
    bytes: found?.image.size ?? null,
    kept,
    error: error === null ? null : { code: error.code, message: error.message },
  };
}

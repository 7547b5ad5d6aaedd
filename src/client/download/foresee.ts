// What a download would do, image by image (schemas/download-plan.json). No data moves, and nothing is written.
import { dirname } from 'node:path';
import { addFacts, type ErrorCode, type GlanceError } from '../../errors.ts';
import { mayHaveData } from '../../image/image.ts';
import { noDataError } from '../../image/no-data.ts';
import { foreseeDownload, type Foreseen } from '../../transfer/foresee.ts';
import { fileTarget, inspectTarget, isThere } from '../../transfer/files/target.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { foreseePath, type NamedPlace, type Naming } from '../naming/place.ts';
import { type Chosen, ownFailure, type Selected } from '../select/selection.ts';
import { type FetchOptions, openSource } from './download.ts';
import { checkRecordPlace } from './record-beside.ts';
import { placeSeveral, type SeveralOptions } from './several.ts';

/** What would become of one image. */
export interface PlannedDownload {
  /**
   * `resume`: what an earlier run left is gone on from; `current`: the target matches already; `in_the_way`: it is another file;
   * `failed`: it is known already that it could not be had.
   */
  readonly outcome: Foreseen['outcome'] | 'failed';
  /** Id of the image; what it was asked for by where it was not found. */
  readonly image: string;
  readonly name: string | null;
  /** Where the data would go: absolute; null for a stream, and where that is not known. */
  readonly path: string | null;
  /** Bytes of image data; null where nobody says. */
  readonly bytes: number | null;
  /** Bytes of an earlier run that would not be fetched again. */
  readonly kept: number;
  /** What it would fail with; null if nothing is known that would stop it. */
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

/** What was foreseen, and the error itself. */
export interface Foresight {
  readonly query: string;
  readonly planned: PlannedDownload;
  readonly error: GlanceError | null;
}

/** An image, and where it would go; null for a stream. */
type Destined = Selected & { readonly path?: string | null };

/** What ends it: {@link signal} what is foreseen of an image, the interruption all of it. */
export interface ForeseeRun {
  readonly signal: AbortSignal;
  readonly interruption: AbortSignal;
}

/**
 * Foresees the download of one image.
 * @param place null for a stream
 * @throws as {@link foreseePath}; what is no GlanceError; the interruption's reason
 */
export async function foreseeOne(
  connection: Connection,
  chosen: Chosen,
  place: NamedPlace | null,
  options: FetchOptions,
  run: ForeseeRun,
): Promise<Foresight> {
  const path = place === null ? null : await foreseePath(place, chosen.found.image);
  return await foreseeDestined(connection, { ...chosen, path }, options, run);
}

/**
 * Foresees the download of several, one after the other.
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
  if (!mayHaveData(image.status)) throw noDataError(image, null);
  const source = await openSource(connection, found, options, signal);
  const target = path === null ? null : await targetOf(path);
  if (target === null) return { outcome: 'fetch', kept: 0, error: null };
  if (options.metadata === true) await checkRecordPlace(target.path, image, options.force === true);
  return await foreseeDownload(source, target, {
    force: options.force === true,
    checkSpace: options.spaceCheck !== false && (await isThere(dirname(target.path))),
    uid: connection.system.uid,
    signal,
  });
}

/** Null for a FIFO or a device. A directory that is not there would be made. */
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

// Transfers from a simulated Glance, and onto a simulated file system, written down step by step.
import { systemClock } from '../../../src/clock.ts';
import { GlanceError } from '../../../src/errors.ts';
import { downloadToFile } from '../../../src/transfer/download.ts';
import type { DownloadOptions, DownloadResult, FileTransferOptions } from '../../../src/transfer/download-options.ts';
import type { TransferEvent } from '../../../src/transfer/flow/events.ts';
import type { DownloadSource } from '../../../src/transfer/flow/source.ts';
import { segment, simData, SimGlance, simTarget, type StoreKind } from './sim-download.ts';
import type { SimFs } from './sim-fs.ts';
import { watchFs } from './watched-fs.ts';

export interface Steps {
  /** Events, and requests to the Glance. */
  readonly events: readonly string[];
  /** What was asked of the file system; decisions that others make in between are in both lists. */
  readonly disk: readonly string[];
  readonly result: DownloadResult | null;
  readonly error: GlanceError | null;
}

export interface Watched {
  /** Events, and requests to the Glance. */
  readonly events: string[];
  readonly source: DownloadSource;
  /** What every transfer needs. A second passes for each piece of data that is sent. */
  readonly options: DownloadOptions;
}

/** Writes down what happens between a transfer and a Glance. */
export function watchGlance(glance: SimGlance, changes: Partial<DownloadSource> = {}): Watched {
  const events: string[] = [];
  let nowMs = 10_000;
  const { onPiece } = glance;
  glance.onPiece = (piece, start) => {
    nowMs += 1000;
    return onPiece(piece, start);
  };
  const source: DownloadSource = { ...glance.source(), ...changes };
  return {
    events,
    source: {
      ...source,
      open: (range, signal) => {
        events.push(range === null ? 'GET all' : `GET ${range.start}-${range.end}`);
        return source.open(range, signal);
      },
      refresh: (signal) => {
        events.push('GET record');
        return source.refresh(signal);
      },
    },
    options: {
      extraAlgorithms: [],
      retry: { retries: 0 },
      clock: { ...systemClock, monotonic: () => nowMs, random: () => 0 },
      signal: new AbortController().signal,
      listen: (event) => events.push(inWords(event)),
      approve: () => events.push('approve'),
    },
  };
}

/** Runs a download to {@link simTarget}. */
export async function takeSteps(
  fs: SimFs,
  glance: SimGlance,
  { source: changes, ...overrides }: Partial<FileTransferOptions> & { readonly source?: Partial<DownloadSource> } = {},
): Promise<Steps> {
  const { onPiece } = glance;
  const { events, source, options } = watchGlance(glance, changes);
  const disk: string[] = [];
  const decide = (what: string): void => void (events.push(what), disk.push(what));
  const size = fs.files().get(simTarget)?.length ?? null;
  const run = downloadToFile(
    source,
    { kind: 'file', path: simTarget, existingSize: size, existingMode: null },
    {
      ...options,
      force: false,
      mode: 0o640,
      bufferBytes: segment,
      uid: 0,
      process: { pid: process.pid, platform: process.platform, isRunning: () => true },
      lock: () => Promise.resolve({ release: async () => decide('unlock') }),
      approve: () => decide('approve'),
      fileSystem: watchFs(fs, simTarget, (line) => disk.push(line)),
      ...overrides,
    },
  );
  try {
    return { events, disk, result: await run, error: null };
  } catch (error) {
    if (!(error instanceof GlanceError)) throw error;
    return { events, disk, result: null, error };
  } finally {
    glance.onPiece = onPiece;
  }
}

function inWords({ event, ...facts }: TransferEvent): string {
  const words = Object.values<unknown>(facts).map((each) =>
    each !== null && typeof each === 'object' && 'bytes' in each ? `kept ${String(each.bytes)}` : String(each),
  );
  return [event, ...words].join(' ');
}

/** The record is written, and made durable if it says anything. */
export const recordSteps = (...between: string[]): string[] => [
  'open part.json.tmp to write, new 600',
  ...between,
  'close part.json.tmp',
  'rename part.json.tmp to part.json',
];

/** A new part. */
export const beginSteps = ['open part to change, new 600', ...recordSteps(), 'sync directory /d'];

/** A part is left for the next run. */
export const keepSteps = (end: number): string[] => [
  `cut part to ${end}`,
  'datasync part',
  ...recordSteps('datasync part.json.tmp'),
  'close part',
];

/** A finished part gets the name of the target, which is new. */
export const publishSteps = (end: number): string[] => [
  'approve',
  `cut part to ${end}`,
  'sync part',
  'chmod part 640',
  'close part',
  'link part as image.raw',
  'unlink part',
  'sync directory /d',
  'unlink part.json',
  'unlock',
];

/** The events at the end. */
export const doneSteps = (end: number, seconds: number): string[] => [
  'verify sha256',
  'approve',
  'sync',
  `done ${end} ${seconds}`,
  'unlock',
];
/** A Glance whose first answer breaks off five bytes into the second piece. */
export function breakingGlance(segments = 2, store: StoreKind = 'works'): SimGlance {
  const glance = new SimGlance(simData(1, segments), store);
  glance.cutAfter = segment + 5;
  return glance;
}

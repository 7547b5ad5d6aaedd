// Downloads one image, already found, to a file, to a stream, or through a temporary file to a stream.
import type { Writable } from 'node:stream';
import type { Digest, DigestAlgorithm } from '../../digests.ts';
import { addFacts, GlanceError } from '../../errors.ts';
import { unknownHashOf } from '../../image/data-answer.ts';
import type { Image } from '../../image/image.ts';
import { absolutePath } from '../../local/places.ts';
import type { DataTarget } from '../../transfer/data-target.ts';
import { downloadToFile } from '../../transfer/download.ts';
import type { DownloadOptions, DownloadResult, FileTransferOptions } from '../../transfer/download-options.ts';
import { downloadToStream } from '../../transfer/download-stream.ts';
import type { TransferListener } from '../../transfer/flow/events.ts';
import type { HostFileSystem } from '../../transfer/files/file-system.ts';
import type { RateLimit } from '../../transfer/flow/rate-limit.ts';
import type { DownloadSource } from '../../transfer/flow/source.ts';
import { spool } from '../../transfer/spool.ts';
import { fileTarget, inspectTarget, openStreamTarget } from '../../transfer/files/target.ts';
import { listedDigests } from '../checksums/listed-digests.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { preferredStores } from '../preferred-stores.ts';
import { imageSource } from './image-source.ts';
import { type FormatDemands, observeFormat, observeSignature, type SignatureDemands } from './observers.ts';
import { checkRecordPlace, noRecordPlace, writeRecord } from './record-beside.ts';

/** Requirements for an image's data, and how to write it. */
export interface FetchOptions extends SignatureDemands, FormatDemands {
  /** Whether to replace a file that differs. Absent: false. */
  readonly force?: boolean;
  /** Permission bits of a new file. Absent: 0o666 without the bits of the umask. */
  readonly mode?: number;
  /** Digests to compute in addition to those that are compared. */
  readonly digest?: readonly DigestAlgorithm[];
  /** Digests that the data must have, in addition to those that Glance publishes. */
  readonly expect?: readonly Digest[];
  /**
   * A vendor's list of checksums, such as `SHA256SUMS`, that names a digest of the data: an http or https URL, or a path. It is
   * read once, without any token; its signature is not checked. Absent: none.
   */
  readonly expectFrom?: string | undefined;
  /** Name of the entry in that list. Absent: the name of the image. */
  readonly againstName?: string | undefined;
  /** Whether to refuse data that has no digest to compare with. Absent: false. */
  readonly requireChecksum?: boolean;
  /**
   * Ids of the stores to prefer for the data, first choice first (API v2; Glance 2026.2 and later, as earlier
   * ones choose for themselves without saying so). Absent: those of the variable `GLANCE_CLI_PREFER_STORE`, if any.
   */
  readonly preferStore?: readonly string[] | undefined;
  /** Whether to write the image's record beside the file, as `FILE.json`. Absent: false. */
  readonly metadata?: boolean;
  /** Ranges to fetch at once, if the store has ranges; ≥ 1. Absent: 1. */
  readonly connections?: number;
  /** Whether to write blocks of zeros as holes. Absent: `auto`, which does so for raw images. */
  readonly sparse?: 'auto' | 'always' | 'never';
  /**
   * For a stream: whether to fetch the image to a temporary file first, so that the first byte comes only after everything is
   * verified. Absent: false.
   */
  readonly spool?: boolean;
  /** Whether to keep data that does not match, as `FILE.corrupt`. Absent: false. */
  readonly keepCorrupt?: boolean;
  /** Whether to refuse at once if the disk has too little room. Absent: true. */
  readonly spaceCheck?: boolean;
}

/** What all images of a run share. */
export interface FetchRun {
  readonly signal: AbortSignal;
  readonly rate?: RateLimit;
  readonly listen: TransferListener;
  /**
   * A directory's own file system, which no path leads out of: paths are then used as they are. Absent: this machine's.
   */
  readonly fileSystem?: HostFileSystem;
  /** Whether others may be writing to the same path: see `FileTransferOptions.isShared`. Absent: false. */
  readonly isShared?: boolean;
}

/** A stream that receives the data. */
export interface StreamPlace {
  readonly stream: Writable;
  /** For messages. */
  readonly name: string;
}

/**
 * Downloads the image.
 * @param place an absolute path, a stream, or anything else that accepts data
 * @throws what the transfer throws, with the image's id; GlanceError `interrupted` if a signal came and a partial file
 * was kept
 */
export async function fetchImage(
  connection: Connection,
  found: Found,
  place: string | StreamPlace | DataTarget,
  options: FetchOptions,
  run: FetchRun,
): Promise<DownloadResult> {
  let partial: { readonly path: string; readonly bytes: number } | null = null;
  const listen: TransferListener = (event) => {
    if (event.event === 'failed') partial = event.kept;
    run.listen(event);
  };
  try {
    const source = await openSource(connection, found, options, run.signal);
    warnOfHash(connection, found.image);
    const shared: DownloadOptions = {
      extraAlgorithms: options.digest ?? [],
      retry: connection.retry,
      clock: connection.system.clock,
      signal: run.signal,
      ...(run.rate === undefined ? {} : { rate: run.rate }),
      listen,
      ...(await observeData(connection, found.image, options)),
    };
    return await transfer(connection, source, found.image, place, options, shared, run);
  } catch (error) {
    if (connection.interruption.aborted && partial !== null) throw interrupted(partial, error);
    throw addFacts(error, { image: found.image.id });
  }
}

type SourceDemands = Pick<FetchOptions, 'expect' | 'expectFrom' | 'againstName' | 'requireChecksum' | 'preferStore'>;

/**
 * The source of the image's data, with the requirements for it.
 * @throws GlanceError `integrity.*`; what reading a checksum list fails with; `usage.unsupported` for preferred stores if
 * the API has no stores
 */
export async function openSource(
  connection: Connection,
  { image, service, pins }: Found,
  { expect = [], expectFrom, againstName, requireChecksum = false, preferStore }: SourceDemands,
  signal: AbortSignal,
): Promise<DownloadSource> {
  const stores = preferredStores(connection, service, preferStore);
  const listed = await listedDigests(connection, { from: expectFrom, entry: againstName }, image.name, signal);
  const digests = [...expect, ...listed, ...pins.map(({ digest }) => digest)];
  return imageSource(await connection.client(), service, image, { digests, requireDigest: requireChecksum, stores });
}

/**
 * Creates the observers that see the data on its way, and may refuse it.
 * @throws GlanceError `signature.*` if the record alone decides it; `usage.option`, `config.*` for certificates
 */
export async function observeData(
  connection: Connection,
  image: Image,
  options: SignatureDemands & FormatDemands,
): Promise<Required<Pick<DownloadOptions, 'observers' | 'approve'>>> {
  const all = [
    ...(await observeSignature(connection, image, options)),
    await observeFormat(image, options, (message) => connection.warn(message)),
  ];
  return {
    observers: all.map(({ observer }) => observer),
    approve: () => {
      for (const { approve } of all) approve();
    },
  };
}

async function transfer(
  { system }: Connection,
  source: DownloadSource,
  image: Image,
  place: string | StreamPlace | DataTarget,
  options: FetchOptions,
  shared: DownloadOptions,
  { fileSystem, isShared = false }: Pick<FetchRun, 'fileSystem' | 'isShared'>,
): Promise<DownloadResult> {
  // oxlint-disable-next-line no-bitwise -- that is what a umask is
  const ownMode = 0o666 & ~system.umask;
  const toFile = (mode: number): FileTransferOptions => ({
    ...shared,
    force: options.force === true,
    mode,
    connections: options.connections ?? 1,
    sparse: options.sparse === 'always' || (options.sparse !== 'never' && image.disk_format === 'raw'),
    keepCorrupt: options.keepCorrupt === true,
    checkSpace: options.spaceCheck !== false,
    uid: system.uid,
    ...(fileSystem === undefined ? {} : { fileSystem, isShared }),
    process: { pid: system.pid, uid: system.uid, platform: system.platform, isRunning: system.isRunning },
  });
  const toStream = async ({ stream, name }: StreamPlace): Promise<DownloadResult> =>
    options.spool === true
      ? await spool(source, stream, name, absolutePath(system.cwd, system.tmpdir), toFile(0o600))
      : await downloadToStream(source, stream, name, shared);
  if (typeof place !== 'string') {
    if (!('take' in place)) return await toStream(place);
    if (options.metadata === true) throw noRecordPlace();
    return await place.take(source, shared);
  }
  const target = fileSystem === undefined ? await inspectTarget(place) : fileTarget(place);
  if (target.kind === 'file') {
    const { metadata = false, mode = ownMode } = options;
    if (metadata) await checkRecordPlace(target.path, image, options.force === true);
    const result = await downloadToFile(source, target, toFile(mode));
    if (metadata) await writeRecord(target.path, image);
    return result;
  }
  if (options.metadata === true) throw noRecordPlace();
  const stream = openStreamTarget(target);
  try {
    return await toStream({ stream, name: place });
  } finally {
    stream.destroy();
  }
}

/** Warns if there was no digest to compare with. @param what which of several images; null if there is only one */
export function warnUnverified(connection: Connection, { verifiedBy }: DownloadResult, what: string | null): void {
  if (verifiedBy !== null) return;
  const text = 'not verified: the server has no digest for this image; only its size was checked';
  connection.warn(what === null ? text : `${what}: ${text}`);
}

/** Warns if the server has a stronger digest than the one that can be compared. */
function warnOfHash(connection: Connection, image: Image): void {
  const algorithm = unknownHashOf(image);
  if (algorithm === null) return;
  const instead = image.checksum === null ? 'nothing is' : 'only its MD5 is';
  connection.warn(
    `${image.name ?? image.id}: its hash algorithm is not known here (${algorithm}); ${instead} compared`,
  );
}

function interrupted(partial: { readonly path: string; readonly bytes: number }, cause: unknown): GlanceError {
  const hint = 'run the same command again: it resumes from there';
  return new GlanceError('interrupted', 'stopped by a signal', { partial, hint, cause });
}

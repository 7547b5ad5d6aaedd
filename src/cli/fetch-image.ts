// One image that was found, to a file, a stream, or through a file to a stream: the options of the command as the transfer
// wants them.
import type { Writable } from 'node:stream';
import type { Digest, DigestAlgorithm } from '../digests.ts';
import { addFacts, GlanceError } from '../errors.ts';
import { unknownHashOf } from '../image/data-answer.ts';
import type { Image } from '../image/image.ts';
import { imageSource } from '../library/image-source.ts';
import { absolutePath } from '../places.ts';
import { type DownloadOptions, type DownloadResult, downloadToFile, type FileOptions } from '../transfer/download.ts';
import { downloadToStream } from '../transfer/download-stream.ts';
import type { TransferListener } from '../transfer/events.ts';
import type { FileSystem } from '../transfer/file-system.ts';
import type { RateLimit } from '../transfer/rate-limit.ts';
import type { DownloadSource } from '../transfer/source.ts';
import { spool } from '../transfer/spool.ts';
import { fileTarget, inspectTarget, openStreamTarget } from '../transfer/target.ts';
import { retryPolicy } from './connect.ts';
import type { Context } from './context.ts';
import { checkRecordPlace, noRecordPlace, writeRecord } from './record-beside.ts';
import type { Found } from './session.ts';
import { watchFormat, watchSignature } from './watchers.ts';

/** The options that every image of a call has in common. */
export interface FetchOptions {
  readonly force?: boolean;
  readonly digest?: readonly DigestAlgorithm[];
  readonly expect?: readonly Digest[];
  readonly requireChecksum?: boolean;
  readonly verifySignature?: boolean;
  readonly trustedCert?: readonly string[];
  readonly requireSafe?: boolean;
  readonly metadata?: boolean;
  readonly connections?: number;
  readonly sparse?: 'auto' | 'always' | 'never';
  readonly spool?: boolean;
  readonly keepCorrupt?: boolean;
  readonly spaceCheck?: boolean;
}

/** What of a run all its images share. */
export interface FetchRun {
  readonly signal: AbortSignal;
  readonly rate: RateLimit;
  readonly listen: TransferListener;
  /** That of a directory which no path leads out of: paths are taken as they are. Absent: this machine's. */
  readonly fileSystem?: FileSystem;
}

const stdoutName = 'standard output';

/**
 * Fetches it.
 * @param path absolute; null for stdout
 * @throws what the transfer throws, with the image's id; GlanceError `interrupted` if a signal came and something was kept
 */
export async function fetchImage(
  context: Context,
  found: Found,
  path: string | null,
  options: FetchOptions,
  run: FetchRun,
): Promise<DownloadResult> {
  let partial: { readonly path: string; readonly bytes: number } | null = null;
  const listen: TransferListener = (event) => {
    if (event.type === 'failed') partial = event.kept;
    run.listen(event);
  };
  try {
    const source = await createSource(context, found, options);
    warnOfHash(context, found.image);
    const shared: DownloadOptions = {
      extraAlgorithms: options.digest ?? [],
      retry: retryPolicy(context.options),
      clock: context.runtime.clock,
      signal: run.signal,
      rate: run.rate,
      listen,
    };
    const watchers = [
      ...(await watchSignature(context, found.image, options)),
      await watchFormat(context, found.image, options),
    ];
    const watched: DownloadOptions = {
      ...shared,
      observers: watchers.map(({ observer }) => observer),
      approve: () => {
        for (const { approve } of watchers) approve();
      },
    };
    return await transfer(context, source, found.image, path, options, watched, run.fileSystem);
  } catch (error) {
    if (context.runtime.signal.aborted && partial !== null) throw interrupted(partial, error);
    throw addFacts(error, { image: found.image.id });
  }
}

async function transfer(
  { runtime }: Context,
  source: DownloadSource,
  image: Image,
  path: string | null,
  options: FetchOptions,
  shared: DownloadOptions,
  fileSystem: FileSystem | undefined,
): Promise<DownloadResult> {
  const toFile = (shares: boolean): FileOptions => ({
    ...shared,
    force: options.force === true,
    // oxlint-disable-next-line no-bitwise -- that is what a umask is
    mode: shares ? 0o666 & ~runtime.umask : 0o600,
    connections: options.connections ?? 1,
    sparse: options.sparse === 'always' || (options.sparse !== 'never' && image.disk_format === 'raw'),
    keepCorrupt: options.keepCorrupt === true,
    checkSpace: options.spaceCheck !== false,
    uid: runtime.uid,
    ...(fileSystem === undefined ? {} : { fileSystem }),
    process: { pid: runtime.pid, uid: runtime.uid, platform: runtime.platform, isRunning: runtime.isRunning },
  });
  const toStream = async (stream: Writable, name: string): Promise<DownloadResult> =>
    options.spool === true
      ? await spool(source, stream, name, absolutePath(runtime.cwd, runtime.tmpdir), toFile(false))
      : await downloadToStream(source, stream, name, shared);
  if (path === null) return await toStream(runtime.stdout, stdoutName);
  const target = fileSystem === undefined ? await inspectTarget(path) : fileTarget(path);
  if (target.kind === 'file') {
    if (options.metadata !== true) return await downloadToFile(source, target, toFile(true));
    await checkRecordPlace(target.path, image, options.force === true);
    const result = await downloadToFile(source, target, toFile(true));
    await writeRecord(target.path, image);
    return result;
  }
  if (options.metadata === true) throw noRecordPlace();
  const stream = openStreamTarget(target);
  try {
    return await toStream(stream, path);
  } finally {
    stream.destroy();
  }
}

async function createSource({ session }: Context, found: Found, options: FetchOptions): Promise<DownloadSource> {
  const { image, service, pin } = found;
  const digests = [...(options.expect ?? []), ...(pin === null ? [] : [pin.digest])];
  const requireDigest = options.requireChecksum === true;
  return imageSource(await session.client(), service, image, { digests, requireDigest });
}

/** What is compared is less than what the server has. */
function warnOfHash({ session }: Context, image: Image): void {
  const algorithm = unknownHashOf(image);
  if (algorithm === null) return;
  const instead = image.checksum === null ? 'nothing is' : 'only its MD5 is';
  session.warn(
    `${image.name ?? image.id}: its hash is of a kind that is not known here (${algorithm}); ${instead} compared`,
  );
}

function interrupted(partial: { readonly path: string; readonly bytes: number }, cause: unknown): GlanceError {
  const hint = 'run the same command again: it goes on from there';
  return new GlanceError('interrupted', 'stopped by a signal', { partial, hint, cause });
}

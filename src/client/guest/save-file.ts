// Writes a file within a disk to a file of this machine or to a stream.
import { Readable, type Writable } from 'node:stream';
import { downloadToFile } from '../../transfer/download.ts';
import { type FileTarget, inspectTarget, openStreamTarget, type StreamTarget } from '../../transfer/files/target.ts';
import type { TransferListener } from '../../transfer/flow/events.ts';
import type { DownloadSource } from '../../transfer/flow/source.ts';
import { existsError } from '../../transfer/part/publish.ts';
import { StreamSink } from '../../transfer/stream-sink.ts';
import type { Connection } from '../connection.ts';
import type { FileWithin } from './read-file.ts';

/** The destination: a file of this machine, or something that takes bytes as they come, such as a FIFO. */
type SaveTarget = FileTarget | StreamTarget;

/**
 * Checks the destination before anything is read.
 * @param path absolute
 * @throws GlanceError `io.exists` for an existing file, unless it may be replaced; as `inspectTarget`
 */
export async function findTarget(path: string, force: boolean): Promise<SaveTarget> {
  const target = await inspectTarget(path);
  if (target.kind === 'file' && target.existingSize !== null && !force)
    throw existsError(target.path, 'it already exists');
  return target;
}

interface SaveOptions {
  /** Whether to replace an existing file. */
  readonly force: boolean;
  readonly listen: TransferListener;
  readonly signal: AbortSignal;
}

/**
 * Writes the file. The target gets its name once it is complete and on disk, and is unchanged after a failure, with
 * nothing left beside it. Blocks of zeros become holes.
 * @throws GlanceError `io.*`; what reading throws; `pipe.closed` for a stream; the signal's reason
 */
export async function saveFile(
  { system, retry }: Connection,
  file: FileWithin,
  target: SaveTarget,
  { force, listen, signal }: SaveOptions,
): Promise<void> {
  if (target.kind === 'stream') {
    const stream = openStreamTarget(target);
    try {
      await sendFile(file, stream, target.path, signal);
    } finally {
      stream.destroy();
    }
    return;
  }
  const { pid, uid, platform, isRunning, clock } = system;
  await downloadToFile(sourceOf(file), target, {
    extraAlgorithms: [],
    // The reader of the image has retries of its own.
    retry: { ...retry, retries: 0 },
    clock,
    signal,
    listen,
    force,
    // oxlint-disable-next-line no-bitwise -- that is what a umask is
    mode: 0o666 & ~system.umask,
    sparse: true,
    // The room that a sparse file needs is unknown.
    checkSpace: false,
    resumes: false,
    uid,
    process: { pid, uid, platform, isRunning },
  });
}

/**
 * Writes the file to a stream, which stays open.
 * @param name the stream's name, for messages
 * @throws what reading throws; GlanceError `pipe.closed`, `io.*`; the signal's reason
 */
export async function sendFile(file: FileWithin, stream: Writable, name: string, signal: AbortSignal): Promise<void> {
  const sink = new StreamSink(stream, name);
  try {
    for await (const chunk of file.chunks()) await sink.write(chunk, signal);
  } finally {
    sink.release();
  }
}

/** There is no digest to compare with: damage shows when the disk is read. */
function sourceOf({ path, size, chunks }: FileWithin): DownloadSource {
  const image = { origin: '', id: path, size, digests: [], createdAt: null };
  return {
    name: path,
    image,
    pinned: [],
    requireDigest: false,
    refresh: () => Promise.resolve(image),
    open: (range) => {
      const start = range?.start ?? 0;
      const body = Readable.from(chunks(start), { objectMode: false });
      return Promise.resolve({ body, start, contentLength: size - start, digests: [] });
    },
    answered: () => true,
  };
}

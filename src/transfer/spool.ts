// A download to a stream through a temporary file: nothing is passed on until all of it is verified.
import { createReadStream } from 'node:fs';
import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import { toIoError, toReadError } from './files/io-error.ts';
import { downloadToFile } from './download.ts';
import type { DownloadResult, FileTransferOptions } from './download-options.ts';
import type { DownloadSource } from './flow/source.ts';
import { StreamSink } from './stream-sink.ts';
import { inspectTarget } from './files/target.ts';

/** A directory that nobody has written to for this long, and whose process is gone, was left behind by a killed run. */
const staleMs = 24 * 60 * 60 * 1000;

/**
 * Downloads to a file that nobody else can see, verifies it there, then passes it on.
 * @param name of the stream, for messages
 * @param tmpdir where the file is
 * @throws GlanceError `io.*` where nothing can be kept in `tmpdir`; what {@link downloadToFile} and the stream throw
 */
export async function spool(
  source: DownloadSource,
  stream: Writable,
  name: string,
  tmpdir: string,
  options: FileTransferOptions,
): Promise<DownloadResult> {
  const sink = new StreamSink(stream, name);
  try {
    const { path, result, remove } = await openSpooled(source, tmpdir, options);
    try {
      for await (const chunk of readAgain(path)) await sink.write(chunk, options.signal);
      return { ...result, path: null };
    } finally {
      await remove();
    }
  } finally {
    sink.release();
  }
}

/** Image data in a temporary file. */
export interface SpooledFile {
  /** Absolute. */
  readonly path: string;
  readonly result: DownloadResult;
  /** Removes the file; if that fails now, a later run sweeps it. Never throws. */
  readonly remove: () => Promise<void>;
}

/**
 * Downloads to a file that nobody else can see, and verifies it there.
 * @param tmpdir where the file is
 * @throws GlanceError `io.*` where nothing can be kept in `tmpdir`; what {@link downloadToFile} throws
 */
export async function openSpooled(
  source: DownloadSource,
  tmpdir: string,
  options: FileTransferOptions,
): Promise<SpooledFile> {
  await sweepSpools(tmpdir, options);
  const directory = await makeSpool(tmpdir, options.process.pid);
  const remove = async (): Promise<void> => {
    await rm(directory, { recursive: true, force: true }).catch(() => undefined);
  };
  try {
    const path = join(directory, 'image');
    const target = await inspectTarget(path);
    if (target.kind !== 'file') throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
    // The directory does not outlive a failure, so nothing in it can be promised to the next run.
    const result = await downloadToFile(source, target, { ...options, resumes: false, keepCorrupt: false });
    return { path, result, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function makeSpool(tmpdir: string, pid: number): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir, `glance-cli-spool-${String(pid)}-`));
  } catch (cause) {
    const { code, message } = toIoError(cause, tmpdir);
    const hint = 'set TMPDIR to a writable directory: that is where `spool` keeps the image for the time being';
    throw new GlanceError(code, message, { hint, cause });
  }
}

async function* readAgain(path: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
  } catch (error) {
    throw toReadError(error, path);
  }
}

/** Removes what killed runs left behind. A pid says little in a container, hence the age. */
async function sweepSpools(tmpdir: string, { clock, uid, process: facts }: FileTransferOptions): Promise<void> {
  // A directory that we may not list may still let us create another in it.
  for (const name of await readdir(tmpdir).catch(() => [])) {
    const pid = /^glance-cli-spool-(\d{1,10})-\w{6}$/.exec(name)?.[1];
    if (pid === undefined || facts.isRunning(Number(pid))) continue;
    const path = join(tmpdir, name);
    try {
      const [directory, file] = [await lstat(path), await lstat(join(path, 'image')).catch(() => null)];
      const isOurs = directory.isDirectory() && (uid === null || directory.uid === uid);
      const touchedMs = Math.max(directory.mtimeMs, file?.mtimeMs ?? 0);
      if (isOurs && clock.wallTime() - touchedMs > staleMs) await rm(path, { recursive: true, force: true });
    } catch {
      // Somebody else was faster, or the directory cannot be read: this run has other things to do than to clean up.
    }
  }
}

// Inspects a file or stream, and reads only as much as the verdict needs.
import { constants, createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import { createReport, type Inspected, type Report, undeclared } from '../../disk/report.ts';
import { type ByteSource, FileSource, ForwardSource, inspectSource, measureFile } from '../../disk/source.ts';
import type { DataRecord } from '../../image/image.ts';
import { O_NONBLOCK } from '../../local/open-flags.ts';
import { toOpenFile } from '../../transfer/files/file-system.ts';
import { toReadError } from '../../transfer/files/io-error.ts';
import { closeRead } from '../../transfer/files/small-file.ts';
import { openFifo } from '../../local/fifo.ts';
import { fileRanges } from '../contents/range-source.ts';
import { type ContentsOptions, withContents } from './contents-option.ts';
import { readUpload, type TargetOptions, withTarget } from './target-option.ts';
import { emptyDisk, inspectedImage } from './inspect-image.ts';

export interface InspectOptions extends ContentsOptions {
  /** Aborts the reading, which then fails with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** How to inspect, and the clock that says which systems are past their end of life. */
interface FileInspection extends InspectOptions {
  readonly clock: Clock;
}

/**
 * Inspects a file or block device. Anything else is read sequentially.
 * @param record of the image whose data it is; null if there is none
 * @throws GlanceError `io.*`, `data.empty`; the signal's reason
 */
export async function inspectFileOf(record: DataRecord | null, path: string, options: FileInspection): Promise<Report> {
  const { signal = new AbortController().signal } = options;
  signal.throwIfAborted();
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new GlanceError('io.not_regular', `${path}: it is a directory`);
    if (status.isFIFO()) return await inspectChunks(await openFifo(path, signal), path, options);
    if (!status.isFile() && !status.isBlockDevice()) return await inspectChunks(createReadStream(path), path, options);
    // If a FIFO has taken its place, this does not wait for a writer.
    const handle = await open(path, constants.O_RDONLY + O_NONBLOCK);
    try {
      return await inspectHandle(handle, path, record, { ...options, signal });
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toReadError(error, path);
  }
}

async function inspectHandle(
  handle: FileHandle,
  path: string,
  record: DataRecord | null,
  options: FileInspection & { readonly signal: AbortSignal },
): Promise<Report> {
  const status = await handle.stat();
  if (!status.isFile() && !status.isBlockDevice()) {
    throw new GlanceError('io.not_regular', `${path}: it is no longer a file`);
  }
  const size = status.size > 0 ? status.size : await measureFile(handle);
  const inspected = record === null ? { ...nameless, path } : { ...inspectedImage(record), path };
  const report =
    record !== null && size === 0
      ? await withTarget(createReport({ ...inspected, size }, emptyDisk, 0), options, null)
      : await reportOn(new FileSource(handle, size), inspected, options);
  const context = { record, now: options.clock.wallTime(), signal: options.signal };
  const file = toOpenFile(handle);
  try {
    return await withContents(report, fileRanges(file, size), options, context);
  } finally {
    await closeRead(file);
  }
}

/** @throws GlanceError `data.empty` */
async function reportOn(source: ByteSource, inspected: Inspected, options: TargetOptions): Promise<Report> {
  const upload = await readUpload(options, source);
  const finding = await inspectSource(source, true);
  if (source.size === 0) {
    const { path } = inspected;
    const what = path === null ? 'nothing arrived on standard input' : `${path}: there is no data in it`;
    throw new GlanceError('data.empty', what, { hint: 'check what should have delivered it' });
  }
  const report = createReport({ ...inspected, size: source.size }, finding, source.bytesRead);
  return await withTarget(report, options, upload);
}

/**
 * Inspects a stream; reads it to its end only if the verdict needs that.
 * @throws GlanceError `data.empty`; what it fails with; the signal's reason
 */
export async function inspectStreamed(stream: Readable, options: FileInspection): Promise<Report> {
  return await inspectChunks(stream, null, options);
}

const nameless = { id: null, name: null, path: null, size: null, declared: undeclared } as const;

async function inspectChunks(stream: Readable, path: string | null, options: FileInspection): Promise<Report> {
  const { clock, signal = new AbortController().signal } = options;
  addAbortSignal(signal, stream);
  const source = new ForwardSource(asBytes(stream), { size: null, readsToEnd: true });
  try {
    const report = await reportOn(source, { ...nameless, path }, options);
    return await withContents(report, null, options, { record: null, now: clock.wallTime(), signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    await source.close();
    stream.destroy();
  }
}

async function* asBytes(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
}

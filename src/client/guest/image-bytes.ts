// Random access to the bytes of whatever somebody names.
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { DetectedFormat } from '../../disk/parsing/finding.ts';
import { inspectSource, measureFile } from '../../disk/source.ts';
import { GlanceError } from '../../errors.ts';
import { O_NONBLOCK } from '../../local/open-flags.ts';
import { type OpenFile, toOpenFile } from '../../transfer/files/file-system.ts';
import { toReadError } from '../../transfer/files/io-error.ts';
import { closeRead } from '../../transfer/files/small-file.ts';
import type { Connection } from '../connection.ts';
import { fileRanges, type RangeSource } from '../contents/range-source.ts';
import { openSpooledImage } from '../download/open-spooled.ts';
import type { Found } from '../find.ts';
import type { Named } from '../inspect/find-named.ts';
import { openImage } from '../inspect/inspect-image.ts';
import { RangedBytes } from '../inspect/inspect-ranges.ts';

/** An image whose bytes can be read. Must be closed. */
export interface ImageBytes {
  /** For people: its name or its path. Not escaped. */
  readonly name: string;
  readonly format: DetectedFormat;
  /** Null if it is already known that ranges are not available. */
  readonly source: RangeSource | null;
  readonly close: () => Promise<void>;
}

/**
 * Opens an image, and detects its format.
 * @throws GlanceError `data.empty`, `io.*`; what requests fail with; the signal's reason
 */
export async function openBytes(connection: Connection, named: Named, signal: AbortSignal): Promise<ImageBytes> {
  if (named.kind === 'file') return await openFileBytes(named.path, named.path, signal);
  if (named.kind === 'object') {
    const { path: name, source } = named.object;
    return { name, format: await formatOf(name, source, signal), source, close: nothingToClose };
  }
  const { image, service } = named.found;
  const { report, source } = await openImage(connection, service, image, signal);
  const name = image.name ?? image.id;
  if (report.size === 0 || report.format === null) throw noData(name);
  return { name, format: report.format as DetectedFormat, source, close: nothingToClose };
}

/**
 * {@link openBytes} for an image whose store does not support ranges, through a temporary file.
 * @throws what a download throws
 */
export async function openSpooledBytes(connection: Connection, found: Found, signal: AbortSignal): Promise<ImageBytes> {
  const { path, remove } = await openSpooledImage(connection, found, signal);
  try {
    const bytes = await openFileBytes(found.image.name ?? found.image.id, path, signal);
    const close = async (): Promise<void> => {
      try {
        await bytes.close();
      } finally {
        await remove();
      }
    };
    return { ...bytes, close };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function openFileBytes(name: string, path: string, signal: AbortSignal): Promise<ImageBytes> {
  let file: OpenFile | null = null;
  try {
    // Does not wait for a FIFO.
    const handle = await open(path, constants.O_RDONLY + O_NONBLOCK);
    const opened = toOpenFile(handle);
    file = opened;
    const source = fileRanges(opened, await sizeOf(handle, path));
    return { name, format: await formatOf(name, source, signal), source, close: () => closeRead(opened) };
  } catch (error) {
    if (file !== null) await closeRead(file);
    signal.throwIfAborted();
    throw toReadError(error, path);
  }
}

async function sizeOf(handle: FileHandle, path: string): Promise<number> {
  const status = await handle.stat();
  const what = status.isDirectory() ? 'a directory' : 'not a file that can be read anywhere within';
  if (!status.isFile() && !status.isBlockDevice()) throw new GlanceError('io.not_regular', `${path}: it is ${what}`);
  return status.size > 0 ? status.size : await measureFile(handle);
}

async function formatOf(name: string, source: RangeSource, signal: AbortSignal): Promise<DetectedFormat> {
  if (source.size === 0) throw noData(name);
  return (await inspectSource(new RangedBytes(source, signal), true)).format;
}

function noData(name: string): GlanceError {
  return new GlanceError('data.empty', `${name}: there is no data in it`);
}

function nothingToClose(): Promise<void> {
  return Promise.resolve();
}

// One image, file or stream, inspected: as little of it read as the verdict needs.
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import type { ImageService } from '../image/service.ts';
import { type Finding, plainFinding } from '../disk/finding.ts';
import { createReport, type Declared, type Inspected, type Report, undeclared } from '../disk/report.ts';
import { FileSource, ForwardSource, inspectSource } from '../disk/source.ts';
import { withRetries } from '../retry.ts';
import { toIoError } from '../transfer/io-error.ts';
import { retryPolicy } from './connect.ts';
import type { Context } from './context.ts';
import { openFifo } from './fifo.ts';

/** What an image says of itself. */
export function declaredBy({ disk_format, container_format, virtual_size, min_disk }: Image): Declared {
  return { disk_format, container_format, virtual_size, min_disk };
}

/** What a report says of an image before anything was read. */
export function inspectedImage(image: Image): Inspected {
  return { id: image.id, name: image.name, path: null, size: image.size, declared: declaredBy(image) };
}

/**
 * Inspects an image of a Glance: one request, hung up as soon as the verdict stands, and ranges for what lies far off.
 * @throws what requests fail with, after the retries
 */
export async function inspectImage(context: Context, service: ImageService, image: Image): Promise<Report> {
  const { runtime, session, options } = context;
  const client = await session.client();
  return await withRetries(
    {
      clock: runtime.clock,
      policy: retryPolicy(options),
      signal: runtime.signal,
      answered: () => client.hasAnswered(service.endpoint.origin),
    },
    () => inspectOnce(service, image, runtime.signal),
  );
}

/** Nothing at all. */
const emptyDisk: Finding = { ...plainFinding('raw'), virtualSize: 0n };

async function inspectOnce(service: ImageService, image: Image, signal: AbortSignal): Promise<Report> {
  if (image.size === 0) return createReport(inspectedImage(image), emptyDisk, 0);
  const { body, contentLength } = await service.data(image, null, signal);
  const size = image.size ?? contentLength;
  const source = new ForwardSource(body as AsyncIterable<Uint8Array>, {
    size,
    range: (offset, length) => fetchRange(service, image, { start: offset, end: offset + length }, signal),
    readsToEnd: false,
  });
  try {
    const finding = await inspectSource(source, image.disk_format === 'vhd');
    return createReport({ ...inspectedImage(image), size: source.size ?? size }, finding, source.bytesRead);
  } finally {
    body.destroy();
  }
}

/** @returns null where the store has no ranges */
async function fetchRange(
  service: ImageService,
  image: Image,
  range: { readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  let body: Readable | null = null;
  try {
    const opened = await service.data(image, range, signal);
    body = opened.body;
    return opened.start === range.start ? await readAtMost(opened.body, range.end - range.start) : null;
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'http.range') return null;
    throw error;
  } finally {
    body?.destroy();
  }
}

/** The first bytes of a body, whatever it has more. */
async function readAtMost(body: Readable, length: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let received = 0;
  for await (const chunk of asBytes(body)) {
    pieces.push(Uint8Array.from(chunk));
    received += chunk.length;
    if (received >= length) break;
  }
  return Buffer.concat(pieces).subarray(0, length);
}

/** Inspects a file. A FIFO or device is read forward. @throws GlanceError `io.*`; the signal's reason */
export async function inspectFile(path: string, signal: AbortSignal): Promise<Report> {
  try {
    const status = await stat(path);
    if (status.isDirectory()) throw new GlanceError('io.not_regular', `${path}: it is a directory`);
    if (status.isFIFO()) return await inspectChunks(await openFifo(path, signal), path, signal);
    if (!status.isFile()) return await inspectChunks(createReadStream(path), path, signal);
    const handle = await open(path, 'r');
    try {
      const source = new FileSource(handle, (await handle.stat()).size);
      const finding = await inspectSource(source, true);
      return createReport({ ...nameless, path, size: source.size }, finding, source.bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    signal.throwIfAborted();
    throw toIoError(error, path);
  }
}

/** Inspects a stream, read on to its end only where the answer needs it. @throws what it fails with; the signal's reason */
export async function inspectStream(stream: Readable, signal: AbortSignal): Promise<Report> {
  return await inspectChunks(stream, null, signal);
}

const nameless = { id: null, name: null, path: null, size: null, declared: undeclared } as const;

async function inspectChunks(stream: Readable, path: string | null, signal: AbortSignal): Promise<Report> {
  addAbortSignal(signal, stream);
  const source = new ForwardSource(asBytes(stream), { size: null, readsToEnd: true });
  try {
    const finding = await inspectSource(source, true);
    return createReport({ ...nameless, path, size: source.size }, finding, source.bytesRead);
  } finally {
    await source.close();
    stream.destroy();
  }
}

async function* asBytes(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
}

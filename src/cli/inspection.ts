// One image, file or stream, inspected: as little of it read as the verdict needs.
import { open, type FileHandle } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import type { ImageService } from '../image/service.ts';
import { createReport, type Declared, type Inspected, type Report, undeclared } from '../disk/report.ts';
import { FileSource, ForwardSource, inspectSource } from '../disk/source.ts';
import { withRetries } from '../retry.ts';
import { toIoError } from '../transfer/io-error.ts';
import { retryPolicy } from './connect.ts';
import type { Context } from './context.ts';

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

async function inspectOnce(service: ImageService, image: Image, signal: AbortSignal): Promise<Report> {
  if (image.size === 0) return await inspectChunks(inspectedImage(image), emptyStream());
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
    return opened.start === range.start ? await buffer(opened.body) : null;
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'http.range') return null;
    throw error;
  } finally {
    body?.destroy();
  }
}

/** Inspects a file. A FIFO or device is read forward. @throws GlanceError `io.*` */
export async function inspectFile(path: string): Promise<Report> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    throw toIoError(error, path);
  }
  try {
    const status = await handle.stat();
    const inspected = { id: null, name: null, path, size: null, declared: undeclared };
    if (status.isDirectory()) throw new GlanceError('io.not_regular', `${path}: it is a directory`);
    if (!status.isFile()) return await inspectChunks(inspected, handle.createReadStream({ autoClose: false }));
    const source = new FileSource(handle, status.size);
    const finding = await inspectSource(source, true);
    return createReport({ ...inspected, size: status.size }, finding, source.bytesRead);
  } catch (error) {
    throw toIoError(error, path);
  } finally {
    await handle.close().catch(() => undefined);
  }
}

/** Inspects a stream, read on to its end only where the answer needs it. */
export async function inspectStream(stream: Readable): Promise<Report> {
  return await inspectChunks({ id: null, name: null, path: null, size: null, declared: undeclared }, stream);
}

async function inspectChunks(inspected: Inspected, stream: AsyncIterable<unknown>): Promise<Report> {
  const source = new ForwardSource(asBytes(stream), { size: inspected.size, readsToEnd: true });
  try {
    const finding = await inspectSource(source, true);
    return createReport({ ...inspected, size: source.size }, finding, source.bytesRead);
  } finally {
    await source.close();
  }
}

async function* asBytes(stream: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Uint8Array);
}

async function* emptyStream(): AsyncGenerator<Uint8Array> {
  // Nothing comes.
}

// One image, file or stream, inspected: as little of it read as the verdict needs.
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { addAbortSignal, type Readable } from 'node:stream';
import { GlanceError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import type { ImageService } from '../image/service.ts';
import { createReport, type Report, undeclared } from '../disk/report.ts';
import { FileSource, ForwardSource, inspectSource } from '../disk/source.ts';
import { inspectRemote } from '../library/inspect-image.ts';
import { toReadError } from '../transfer/io-error.ts';
import { retryPolicy } from './connect.ts';
import type { Context } from './context.ts';
import { openFifo } from '../fifo.ts';

/**
 * Inspects an image of a Glance: one request, hung up as soon as the verdict stands, and ranges for what lies far off.
 * @throws what requests fail with, after the retries
 */
export async function inspectImage(context: Context, service: ImageService, image: Image): Promise<Report> {
  const { runtime, session, options } = context;
  const client = await session.client();
  return await inspectRemote(service, image, {
    clock: runtime.clock,
    policy: retryPolicy(options),
    signal: runtime.signal,
    answered: () => client.hasAnswered(service.endpoint.origin),
  });
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
    throw toReadError(error, path);
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

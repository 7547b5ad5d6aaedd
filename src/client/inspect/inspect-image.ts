// What the data of an image in a Glance is: as little of it fetched as the verdict needs.
import type { Readable } from 'node:stream';
import { plainFinding, type Finding } from '../../disk/parsing/finding.ts';
import { hazard } from '../../disk/parsing/hazards.ts';
import { createReport, type Declared, type Inspected, type Report } from '../../disk/report.ts';
import { ForwardSource, inspectSource } from '../../disk/source.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import { type RetryOptions, withRetries } from '../../retry.ts';
import type { Connection } from '../connection.ts';

/** What an image says of itself. */
export function declaredBy({ disk_format, container_format, virtual_size, min_disk }: Image): Declared {
  return { disk_format, container_format, virtual_size, min_disk };
}

/** What a report says of an image before anything was read. */
export function inspectedImage(image: Image): Inspected {
  return { id: image.id, name: image.name, path: null, size: image.size, declared: declaredBy(image) };
}

/** Nothing at all. */
const emptyDisk: Finding = {
  ...plainFinding('raw'),
  virtualSize: 0n,
  details: { recognised: false },
  hazards: [hazard('empty', 'it has no data')],
};

/**
 * Inspects an image: one request, hung up as soon as the verdict stands, and ranges for what lies far off. Where ranges fail
 * for as long as it is tried, it is inspected without.
 * @throws what requests fail with, after the retries; the signal's reason
 */
export async function inspectRemote(service: ImageService, image: Image, retry: RetryOptions): Promise<Report> {
  const { signal } = retry;
  let rangeFailure: unknown = null;
  const fetchRange: RangeReader = async (offset, length) => {
    try {
      return await readRange(service, image, { start: offset, end: offset + length }, signal);
    } catch (error) {
      rangeFailure = error;
      throw error;
    }
  };
  try {
    return await withRetries(retry, () => inspectOnce(service, image, signal, fetchRange));
  } catch (error) {
    if (error !== rangeFailure || signal.aborted) throw error;
    return await inspectOnce(service, image, signal, () => Promise.resolve(null));
  }
}

/** {@link inspectRemote} over a connection, with its retries. @param signal absent: the connection's own */
export async function inspectImage(
  connection: Connection,
  service: ImageService,
  image: Image,
  signal = connection.signal,
): Promise<Report> {
  const client = await connection.client();
  return await inspectRemote(service, image, {
    clock: connection.system.clock,
    policy: connection.retry,
    signal,
    answered: () => client.hasAnswered(service.endpoint.origin),
  });
}

/** Gives the bytes there; null where the store has no ranges. */
type RangeReader = (offset: number, length: number) => Promise<Uint8Array | null>;

async function inspectOnce(
  service: ImageService,
  image: Image,
  signal: AbortSignal,
  range: RangeReader,
): Promise<Report> {
  if (image.size === 0) return createReport(inspectedImage(image), emptyDisk, 0);
  const { body, contentLength } = await service.data(image, null, signal);
  const size = image.size ?? contentLength;
  const source = new ForwardSource(body as AsyncIterable<Uint8Array>, { size, range, readsToEnd: false });
  try {
    const finding = await inspectSource(source, image.disk_format === 'vhd');
    return createReport({ ...inspectedImage(image), size: source.size ?? size }, finding, source.bytesRead);
  } finally {
    body.destroy();
  }
}

/** @returns null where the store has no ranges */
async function readRange(
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
  const bytes = new Uint8Array(length);
  let received = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes.set(chunk.subarray(0, length - received), received);
    received = Math.min(length, received + chunk.length);
    if (received === length) break;
  }
  return bytes.subarray(0, received);
}

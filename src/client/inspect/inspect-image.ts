// Inspects the data of an image in Glance, and fetches only as much as the verdict needs.
import { plainFinding, type DiskFinding } from '../../disk/parsing/finding.ts';
import { hazard } from '../../disk/parsing/hazards.ts';
import { createReport, type Declared, type Inspected, type Report } from '../../disk/report.ts';
import { ForwardSource, inspectSource } from '../../disk/source.ts';
import type { DataRecord, Image } from '../../image/image.ts';
import type { ImageService } from '../../image/service.ts';
import type { RangeSource } from '../contents/range-source.ts';
import { type RetryOptions, withRetries } from '../../retry.ts';
import type { Connection } from '../connection.ts';
import { type ContentsOptions, withContents } from './contents-option.ts';
import { readRange } from './read-range.ts';
import { readUpload, type TargetOptions, withTarget } from './target-option.ts';

/** What an image's record declares. */
function declaredBy({ disk_format, container_format, virtual_size, min_disk }: DataRecord): Declared {
  return { disk_format, container_format, virtual_size, min_disk };
}

/** What a report says about an image before anything is read. */
export function inspectedImage(image: DataRecord): Inspected {
  const { id, name, size, properties } = image;
  return { id, name, path: null, size, declared: declaredBy(image), properties };
}

/** The finding for a disk without data. */
export const emptyDisk: DiskFinding = {
  ...plainFinding('raw'),
  virtualSize: 0n,
  details: { recognised: false },
  hazards: [hazard('empty', 'it has no data')],
};

/**
 * Inspects an image: one request, closed as soon as the verdict is certain, and ranges for distant parts. If ranges keep
 * failing after all retries, it is inspected without them.
 * @throws a request's failure, after the retries; the signal's reason
 */
async function inspectRemote(
  service: ImageService,
  image: Image,
  retry: RetryOptions,
  options: TargetOptions = {},
): Promise<Report> {
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
    return await withRetries(retry, () => inspectOnce(service, image, signal, fetchRange, options));
  } catch (error) {
    if (error !== rangeFailure || signal.aborted) throw error;
    return await inspectOnce(service, image, signal, () => Promise.resolve(null), options);
  }
}

/**
 * {@link inspectRemote} over a connection, with its retries; adds the image's contents, read by further ranges.
 * @param signal absent: the connection's own
 */
export async function inspectImage(
  connection: Connection,
  service: ImageService,
  image: Image,
  signal = connection.signal,
  options: ContentsOptions = {},
): Promise<Report> {
  const { report, source } = await openImage(connection, service, image, signal, options);
  const now = connection.system.clock.wallTime();
  return await withContents(report, source, options, { record: image, now, signal });
}

/** A verdict on an image, and access to its data; null if its size is unknown, so that ranges would be of no use. */
interface OpenedImage {
  readonly report: Report;
  readonly source: RangeSource | null;
}

/** {@link inspectRemote} over a connection, with its retries, and a reader of further ranges; needs no closing. */
export async function openImage(
  connection: Connection,
  service: ImageService,
  image: Image,
  signal: AbortSignal,
  options: TargetOptions = {},
): Promise<OpenedImage> {
  const client = await connection.client();
  const answered = (): boolean => client.hasAnswered(service.endpoint.origin);
  const retry: RetryOptions = { clock: connection.system.clock, policy: connection.retry, signal, answered };
  const report = await inspectRemote(service, image, retry, options);
  const { size } = report;
  return { report, source: typeof size === 'number' ? imageRanges(service, image, size, retry) : null };
}

/** An image's data by ranges, each retried like other requests. */
function imageRanges(service: ImageService, image: Image, size: number, retry: RetryOptions): RangeSource {
  return {
    size,
    read: async (offset, length, signal) => {
      const range = { start: offset, end: offset + length };
      return await withRetries({ ...retry, signal }, async () => await readRange(service, image, range, signal));
    },
  };
}

/** Returns the bytes; null if the store does not support ranges. */
type RangeReader = (offset: number, length: number) => Promise<Uint8Array | null>;

async function inspectOnce(
  service: ImageService,
  image: Image,
  signal: AbortSignal,
  range: RangeReader,
  options: TargetOptions,
): Promise<Report> {
  if (image.size === 0) return await withTarget(createReport(inspectedImage(image), emptyDisk, 0), options, null);
  const { body, contentLength } = await service.data(image, null, signal);
  const size = image.size ?? contentLength;
  const source = new ForwardSource(body as AsyncIterable<Uint8Array>, { size, range, readsToEnd: false });
  try {
    const upload = await readUpload(options, source);
    const finding = await inspectSource(source, image.disk_format === 'vhd');
    const report = createReport({ ...inspectedImage(image), size: source.size ?? size }, finding, source.bytesRead);
    return await withTarget(report, options, upload);
  } finally {
    body.destroy();
  }
}

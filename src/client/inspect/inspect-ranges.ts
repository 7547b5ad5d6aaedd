// Inspects an image in an object store, by ranges alone.
import type { Need, Supply } from '../../disk/parsing/parser.ts';
import { createReport, type Report } from '../../disk/report.ts';
import { type ByteSource, inspectSource } from '../../disk/source.ts';
import type { DataRecord } from '../../image/image.ts';
import type { RangeSource } from '../contents/range-source.ts';
import { type ContentsOptions, type ContentsContext, withContents } from './contents-option.ts';
import { readUpload, withTarget } from './target-option.ts';
import { emptyDisk, inspectedImage } from './inspect-image.ts';

/**
 * Inspects the image.
 * @param path its path, for the report; null leaves that out
 * @throws what reading throws; the signal's reason
 */
export async function inspectRanges(
  record: DataRecord,
  path: string | null,
  source: RangeSource,
  options: ContentsOptions,
  context: Omit<ContentsContext, 'record'>,
): Promise<Report> {
  const bytes = new RangedBytes(source, context.signal);
  const upload = source.size === 0 ? null : await readUpload(options, bytes);
  const finding = source.size === 0 ? emptyDisk : await inspectSource(bytes, true);
  const report = createReport({ ...inspectedImage(record), path, size: source.size }, finding, bytes.bytesRead);
  const judged = await withTarget(report, options, upload);
  return await withContents(judged, source, options, { ...context, record });
}

/** Bytes of an image for the format detection. */
export class RangedBytes implements ByteSource {
  readonly #source: RangeSource;
  readonly #signal: AbortSignal;
  readonly size: number;
  bytesRead = 0;

  constructor(source: RangeSource, signal: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
    this.size = source.size;
  }

  async read(need: Need): Promise<Supply> {
    const offset = need.from === 'start' ? need.offset : Math.max(0, this.size - need.length);
    const length = Math.max(0, Math.min(need.length, this.size - offset));
    if (length === 0) return new Uint8Array();
    const bytes = await this.#source.read(offset, length, this.#signal);
    this.bytesRead += bytes?.length ?? 0;
    return bytes;
  }
}

// Answers with image data, or a part of it.
import type { Answer, HeaderPair, ServerRequest } from '../answers/answer.ts';
import type { CatalogImage } from './catalog.ts';
import type { ErrorAnswer } from '../answers/failure.ts';
import { memoryBytes } from '../answers/image-bytes.ts';
import { selectRange } from '../answers/range.ts';

const nothing = memoryBytes(new Uint8Array());

/** The data to send. */
interface DataRequest {
  readonly request: ServerRequest;
  readonly entry: CatalogImage;
  /** The headers of the metadata, for `size` bytes of complete data. */
  readonly metadata: (size: number) => readonly HeaderPair[];
  /** Whether to honour `Range`. */
  readonly ranges: boolean;
}

/**
 * Answers with the image's data: all of it (200), or the part that `Range` requests (206). An image of size 0 needs no
 * data in the store. The announced sizes are those in the store, not the registered ones.
 * @see recorded exchange `get-truncated-in-store`
 */
export function answerData({
  request,
  entry,
  metadata,
  ranges,
}: DataRequest): Answer | { readonly failure: ErrorAnswer } {
  const { image } = entry;
  const data = image.size === 0 ? nothing : entry.data;
  if (data === null) return { failure: { status: 404, explanation: `Image ${image.id} not found` } };
  const selected = ranges ? selectRange(request.headers, image.checksum, data.size) : { kind: 'whole' as const };
  if (selected.kind === 'unsatisfiable') {
    return { failure: { status: 416, headers: [['Content-Range', `bytes */${String(data.size)}`]] } };
  }
  const { start, end } = selected.kind === 'part' ? selected : { start: 0, end: data.size };
  const headers: HeaderPair[] = [
    ['Content-Length', String(end - start)],
    ['Content-Type', 'application/octet-stream'],
  ];
  if (ranges) headers.push(['Accept-Ranges', 'bytes']);
  if (selected.kind === 'part')
    headers.push(['Content-Range', `bytes ${String(start)}-${String(end - 1)}/${String(data.size)}`]);
  return {
    status: selected.kind === 'part' ? 206 : 200,
    statusText: selected.kind === 'part' ? 'Partial Content' : 'OK',
    headers: [...headers, ...metadata(data.size)],
    body: { data, start, end },
  };
}

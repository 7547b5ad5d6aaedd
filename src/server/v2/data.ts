// Sends the data of an image, or a part of it, through API v2: like a real server, but with an ETag and exact ranges.
import type { Answer, HeaderPair, ServerRequest } from '../answers/answer.ts';
import type { CatalogImage } from '../images/catalog.ts';
import type { ErrorAnswer } from '../answers/failure.ts';
import { memoryBytes } from '../answers/image-bytes.ts';
import { selectRangeStrictly } from '../answers/range.ts';

const nothing = memoryBytes(new Uint8Array());

/**
 * There is nothing to send: no data yet, or lost by the store.
 * @see recorded exchanges `file-queued`, `file-damaged-lost`
 */
const noContent: Answer = { status: 204, statusText: 'No Content', headers: [['Content-Length', '0']], body: null };

/**
 * Answers with all of the data (200), or the part that `Range` requests (206). `Content-Md5` covers the whole image, in
 * hex. The ETag, which a real Glance does not send, is the strongest known digest.
 * @see recorded exchanges `file-*`
 */
export function answerV2Data(request: ServerRequest, entry: CatalogImage): Answer | { readonly failure: ErrorAnswer } {
  const { image } = entry;
  if (image.status === 'deactivated') return { failure: deactivated };
  const data = image.size === 0 ? nothing : entry.data;
  if (data === null || image.status !== 'active') return noContent;
  const etag = findEtag(entry);
  const selected = selectRangeStrictly(request.headers, etag, data.size);
  if (selected.kind === 'several') return { failure: { status: 400, explanation: severalRanges } };
  if (selected.kind === 'malformed') return { failure: unsatisfiable(data.size, 'Invalid Range header.') };
  if (selected.kind === 'unsatisfiable') {
    const last = String(data.size - 1);
    const text = `Invalid start position in Range header. Start position MUST be in the inclusive range [0, ${last}].`;
    return { failure: unsatisfiable(data.size, text) };
  }
  const { start, end } = selected.kind === 'part' ? selected : { start: 0, end: data.size };
  const headers: HeaderPair[] = [['Content-Type', 'application/octet-stream']];
  if (selected.kind === 'part')
    headers.push(['Content-Range', `bytes ${String(start)}-${String(end - 1)}/${String(data.size)}`]);
  if (image.checksum !== null) headers.push(['Content-Md5', image.checksum]);
  headers.push(['Content-Length', String(end - start)], ['Accept-Ranges', 'bytes']);
  if (etag !== null) headers.push(['Etag', etag]);
  return {
    status: selected.kind === 'part' ? 206 : 200,
    statusText: selected.kind === 'part' ? 'Partial Content' : 'OK',
    headers,
    body: { data, start, end },
  };
}

const deactivated: ErrorAnswer = {
  status: 403,
  explanation: 'The requested image has been deactivated. Image data download is forbidden.',
};

const severalRanges =
  'Requests with multiple ranges are not supported in Glance. You may make multiple single-range requests instead.';

/** Adds the `Content-Range` that Glance omits. @see RFC 9110, 15.5.17 */
function unsatisfiable(size: number, detail: string): ErrorAnswer {
  const headers: readonly HeaderPair[] = [['Content-Range', `bytes */${String(size)}`]];
  return { status: 416, explanation: 'The Range requested is not available.', detail, headers };
}

/** A strong ETag, since only the same bytes have the same digest. */
function findEtag({ image, digest }: CatalogImage): string | null {
  const hex = image.os_hash_value ?? digest ?? image.checksum;
  return hex !== null && /^[0-9a-f]+$/i.test(hex) ? `"${hex}"` : null;
}

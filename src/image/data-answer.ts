// Checks that the answer to a request for image data is image data, and the right image's. The same for v1 and v2.
import { type Digest, findAlgorithm, isDigestHex } from '../digests.ts';
import { type ErrorFacts, GlanceError, HttpError, isRetryable, SizeError } from '../errors.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { redactUrl } from '../http/secrets/redact.ts';
import { plainSentence, readStart } from '../http/text/error-body.ts';
import { parseLength } from '../http/text/headers.ts';
import { countOf } from '../text/count.ts';
import type { Image } from './image.ts';
import { noDataError } from './no-data.ts';
import type { ByteRange, ImageData } from './service.ts';

/**
 * The digests in the metadata, the strongest first. A multihash with an unknown algorithm is left out, so that the MD5
 * decides.
 * @throws GlanceError `metadata.invalid` for a multihash of the wrong length
 */
export function digestsOf(image: Pick<Image, 'id' | 'checksum' | 'os_hash_algo' | 'os_hash_value'>): readonly Digest[] {
  const digests: Digest[] = [];
  const algorithm = image.os_hash_algo === null ? undefined : findAlgorithm(image.os_hash_algo);
  if (algorithm !== undefined && image.os_hash_value !== null) {
    const hex = image.os_hash_value.trim();
    if (!isDigestHex(algorithm, hex)) {
      throw new GlanceError('metadata.invalid', `the image's os_hash_value is not a ${algorithm}: "${hex}"`, {
        image: image.id,
      });
    }
    digests.push({ algorithm, hex: hex.toLowerCase() });
  }
  if (image.checksum !== null) digests.push({ algorithm: 'md5', hex: image.checksum });
  return digests;
}

/** The multihash's algorithm if it is not known here, so that only the MD5 is compared. Otherwise null. */
export function unknownHashOf({ os_hash_algo: name, os_hash_value: value }: Image): string | null {
  return name !== null && value !== null && findAlgorithm(name) === undefined ? name : null;
}

const imageTypes = /^(?:application\/(?:octet-stream|force-download)|binary\/octet-stream)$/i;
/** Matches made-up media types, such as `application/x-qemu-disk`. */
const imageWords = /disk|image|qemu|iso/i;

/** What a request for a range needs to send. */
export function rangeRequest(range: ByteRange | null): Pick<HttpRequest, 'range'> {
  return range === null ? {} : { range: { first: range.start, last: range.end - 1 } };
}

/**
 * Unless it may be temporary, anything wrong with the answer to a range request becomes `http.range`: gateways, firewalls and
 * stores refuse ranges in all kinds of ways, and only a request for the whole image shows whether there is more to it. Glance
 * itself answers every range with 400 if its store cannot read at an offset.
 * @see https://opendev.org/openstack/glance `glance/api/v2/image_data.py`
 */
export function explainRange(error: unknown, range: ByteRange | null, signal: AbortSignal): unknown {
  if (range === null || signal.aborted || !(error instanceof GlanceError)) return error;
  if (error.code === 'http.range' || isRetryable(error.code)) return error;
  const text = `a part of the image cannot be fetched: ${error.message}`;
  return new GlanceError('http.range', text, { ...error.facts, hint: undefined, cause: error });
}

/**
 * The image's data from the answer to a request for it; an answer that is none is closed.
 * @param read.check refuses answers that are another image's
 * @param read.digests takes digests of the whole image from the answer
 * @throws what {@link checkDataAnswer} and these throw; GlanceError `image.no_data` where the store has lost the data
 */
export async function readData(
  answer: HttpAnswer,
  image: Image,
  range: ByteRange | null,
  read: { readonly check?: (facts: ErrorFacts) => void; readonly digests: (facts: ErrorFacts) => readonly Digest[] },
): Promise<ImageData> {
  try {
    // Glance also answers 204 if the image is active but the store has lost its data.
    if (answer.status === 204) throw noDataError(image, null);
    const facts = { image: image.id, url: redactUrl(answer.url), requestId: answer.requestId ?? undefined };
    read.check?.(facts);
    const start = checkDataAnswer(answer, image, range, facts);
    return {
      body: answer.body,
      start,
      contentLength: contentLengthOf(answer),
      digests: read.digests(facts),
      requestId: answer.requestId,
    };
  } catch (error) {
    throw await refuseData(error, answer);
  }
}

/**
 * Refuses an answer that is not the image's data, before any of its bytes are used.
 * @returns position in the image of its first byte: also 0 if a range was requested and the whole image comes
 * @throws GlanceError `http.protocol` for another status than 200 and 206, `http.encoding`, `http.not_image`, `http.range`
 * @throws SizeError `integrity.size` if it announces another length than the image has
 */
export function checkDataAnswer(answer: HttpAnswer, image: Image, range: ByteRange | null, facts: ErrorFacts): number {
  const { host } = answer.url;
  if (answer.status !== 200 && (range === null || answer.status !== 206)) {
    const text = `${host} answered ${String(answer.status)} to a request for ${range === null ? 'the whole image' : 'a part'}`;
    throw new GlanceError('http.protocol', text, facts);
  }
  if (range !== null && answer.status === 206) {
    // This check comes first, since an answer with several ranges has another media type.
    checkRange(answer, image, range, facts);
    checkContent(answer, facts);
    return range.start;
  }
  checkContent(answer, facts);
  const announced = contentLengthOf(answer);
  if (announced !== null && image.size !== null && announced !== image.size) {
    const text = `${host} announces ${countOf(announced, 'byte')}; the image has ${String(image.size)}`;
    throw new SizeError('integrity.size', text, { expected: image.size, actual: announced }, facts);
  }
  return 0;
}

function checkContent({ url: { host }, headers }: HttpAnswer, facts: ErrorFacts): void {
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    throw new GlanceError('http.encoding', `${host} sent the image data in ${encoding}, which was not asked for`, {
      ...facts,
      hint: 'a proxy or a gzip filter in front of Glance changes image data',
    });
  }
  const type = headers.get('content-type')?.split(';', 1)[0]?.trim() ?? '';
  if (type !== '' && !isImageType(type)) {
    throw new GlanceError('http.not_image', `${host} sent ${type} instead of image data`, {
      ...facts,
      hint: 'a login page or a proxy may have answered',
    });
  }
}

function isImageType(type: string): boolean {
  const own = /^application\/x-([\w.+-]*)$/i.exec(type)?.[1];
  return own === undefined ? imageTypes.test(type) : imageWords.test(own);
}

/** Bytes to look at of a page that came instead of image data. */
const pageBytes = 4096;

/**
 * Closes the connection.
 * @returns the error for an answer that {@link checkDataAnswer} refused; it quotes the start of a page
 */
async function refuseData(error: unknown, answer: HttpAnswer): Promise<unknown> {
  const isPage = error instanceof GlanceError && error.code === 'http.not_image';
  const start = isPage ? await readStart(answer.body, pageBytes) : '';
  answer.body.destroy();
  const sentence = plainSentence(answer.headers.get('content-type'), start, '');
  if (!isPage || sentence === null) return error;
  return new GlanceError(error.code, `${error.message}: "${sentence}"`, error.facts);
}

/**
 * A range must begin where it was requested, end no later, and belong to an image of the right size; it may end earlier.
 */
function checkRange(answer: HttpAnswer, image: Image, range: ByteRange, facts: ErrorFacts): void {
  const values = answer.headers.getAll('content-range');
  const given = values.length === 1 ? parseContentRange(values[0] ?? '') : null;
  const announced = contentLengthOf(answer);
  const isRight =
    given !== null &&
    given.start === range.start &&
    given.end <= range.end &&
    (given.total === null || image.size === null || given.total === image.size) &&
    (announced === null || announced === given.end - given.start);
  if (isRight) return;
  const text = `${answer.url.host} sent a different part of the image than was asked for: ${values.join(' and ') || 'it does not say which'}`;
  throw new GlanceError('http.range', text, facts);
}

/**
 * Parses a `Content-Range`, its end exclusive; the total is null for `*`. Null for anything but one range of bytes.
 * @see RFC 9110 §14.4
 */
export function parseContentRange(text: string): { start: number; end: number; total: number | null } | null {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(text.trim());
  if (match === null) return null;
  const [, first, last, size] = match;
  const start = Number(first);
  const end = Number(last) + 1;
  const total = size === '*' ? null : Number(size);
  return start < end && (total === null || end <= total) ? { start, end, total } : null;
}

/** The value of `Content-Length`, or null without one. */
export function contentLengthOf(answer: HttpAnswer): number | null {
  const text = answer.headers.getSingle('content-length');
  return text === null ? null : parseLength(text);
}

/**
 * The MD5 in an `ETag`, or null for an ETag in another form: such as a proxy's own, which says nothing about the image.
 * Glance v1 sends the bare MD5; a proxy may have put quotes or `W/` around it.
 */
export function md5OfEtag(etag: string | null): string | null {
  const value = /^(?:W\/)?"?([0-9a-fA-F]{32})"?$/.exec(etag?.trim() ?? '')?.[1];
  return value?.toLowerCase() ?? null;
}

/** Turns a 404 to a request for one image into `image.not_found`; other errors stay as they are. */
export function explainMissing(error: unknown, id: string): unknown {
  if (!(error instanceof HttpError) || error.status !== 404) return error;
  const where = error.facts.url === undefined ? '' : ` at ${error.facts.url}`;
  const hint = 'it may have been deleted, or belong to another project or cloud: see glance-cli list';
  return new GlanceError('image.not_found', `no image with the id ${id}${where}`, { ...error.facts, hint, image: id });
}

/** The error for a server that has the image but does not support members. */
export function noMembersError(cause: HttpError): GlanceError {
  return new GlanceError('usage.unsupported', 'this Glance does not say who its images are shared with', {
    ...cause.facts,
    hint: 'its policy or version leaves them out: ask the owner of the image, or whoever runs the cloud',
    cause,
  });
}

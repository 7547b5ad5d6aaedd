// Whether an answer to a request for image data is image data, and that of the right image. Same for v1 and v2.
import { type Digest, findAlgorithm, isDigestHex } from '../digests.ts';
import { type ErrorFacts, GlanceError, HttpError, SizeError } from '../errors.ts';
import type { HttpAnswer } from '../http/client.ts';
import type { Image } from './image.ts';

/**
 * The digests that the metadata promises, the strongest first. A multihash of an unknown algorithm is left out, so that
 * the MD5 decides.
 * @throws GlanceError `metadata.invalid` for a multihash of the wrong length
 */
export function digestsOf(image: Image): readonly Digest[] {
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

const imageTypes =
  /^(?:application\/(?:octet-stream|x-[\w.+-]*(?:disk|image|qemu|iso)[\w.+-]*|force-download)|binary\/octet-stream)$/i;

/**
 * Refuses an answer that is not the image's data, before a byte of it is used.
 * @throws GlanceError `http.protocol` for another status than 200, `http.encoding`, `http.not_image`
 * @throws SizeError `integrity.size` if it announces another length than the image has
 */
export function checkDataAnswer(answer: HttpAnswer, image: Image, facts: ErrorFacts): void {
  const { host } = answer.url;
  if (answer.status !== 200) {
    throw new GlanceError(
      'http.protocol',
      `${host} answered ${String(answer.status)} to a request for the whole image`,
      facts,
    );
  }
  const encoding = answer.headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    throw new GlanceError('http.encoding', `${host} sent the image data in ${encoding}, which was not asked for`, {
      ...facts,
      hint: 'a proxy or a gzip filter in front of Glance changes image data',
    });
  }
  const type = answer.headers.get('content-type')?.split(';', 1)[0]?.trim() ?? '';
  if (type !== '' && !imageTypes.test(type)) {
    throw new GlanceError('http.not_image', `${host} sent ${type} instead of image data`, {
      ...facts,
      hint: 'a login page or a proxy may have answered',
    });
  }
  const announced = contentLengthOf(answer);
  if (announced !== null && image.size !== null && announced !== image.size) {
    const text = `${host} announces ${String(announced)} bytes; the image has ${String(image.size)}`;
    throw new SizeError('integrity.size', text, { expected: image.size, actual: announced }, facts);
  }
}

/** What `Content-Length` says, or null without one. */
export function contentLengthOf(answer: HttpAnswer): number | null {
  const text = answer.headers.getSingle('content-length');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/**
 * The MD5 in an `ETag`, or null for an ETag of another form: a proxy's own, which says nothing about the image.
 * Glance v1 sends the bare MD5; a proxy may have put quotes or `W/` around it.
 */
export function md5OfEtag(etag: string | null): string | null {
  const value = /^(?:W\/)?"?([0-9a-fA-F]{32})"?$/.exec(etag?.trim() ?? '')?.[1];
  return value?.toLowerCase() ?? null;
}

/** A 404 to a request for one image, as `image.not_found`; any other error as it is. */
export function explainMissing(error: unknown, id: string): unknown {
  if (!(error instanceof HttpError) || error.status !== 404) return error;
  return new GlanceError('image.not_found', `no image with the id ${id}`, { ...error.facts, image: id });
}

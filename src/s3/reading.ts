// Reads answers of stores.
import { GlanceError, HttpError } from '../errors.ts';
import type { ResponseBody } from '../http/body.ts';
import type { HttpAnswer } from '../http/request.ts';
import { maxErrorBytes, readStart } from '../http/text/error-body.ts';
import { parseLength } from '../http/text/headers.ts';
import { plainEtag } from './answers.ts';
import { endpointHint } from './refusals.ts';

/** An object that is being read. */
export interface StoredObject {
  /** Must be consumed or destroyed. Fails with a GlanceError. */
  readonly body: ResponseBody;
  /** Size of the whole object in bytes; null if the store does not say. */
  readonly size: number | null;
  /** Without quotes; null if the store sends none. */
  readonly etag: string | null;
}

/**
 * The whole body as text.
 * @param what is read, for the message
 * @throws GlanceError `place.unsupported` for a body of more than `maxBytes`; what breaks it
 */
export async function readWhole({ body, url }: HttpAnswer, maxBytes: number, what: string): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) {
      throw new GlanceError('place.unsupported', `${url.host} sent more than ${String(maxBytes)} bytes for ${what}`);
    }
  }
  return Buffer.concat(chunks).toString();
}

/** Reads a body that does not matter, so that the connection can be kept. */
export async function drain({ body }: HttpAnswer): Promise<void> {
  await readStart(body, maxErrorBytes);
}

/** The ETag of a written object. */
export async function etagOf(answer: HttpAnswer): Promise<{ etag: string }> {
  await drain(answer);
  return { etag: understood(plainEtag(answer.headers.get('etag')), answer) };
}

/** @throws GlanceError `place.unsupported` for null */
export function understood<T>(value: T | null, { url }: HttpAnswer): T {
  if (value !== null) return value;
  throw new GlanceError('place.unsupported', `${url.host} answered with something that the S3 API does not have`, {
    hint: endpointHint,
  });
}

/** The object in an answer. @throws GlanceError `http.range` for another range */
export function asObject(
  { status, headers, body, url }: HttpAnswer,
  range: { first: number; last: number } | null,
): StoredObject {
  const etag = plainEtag(headers.get('etag'));
  if (range === null) return { body, size: parseLength(headers.get('content-length') ?? ''), etag };
  const [, first, last, size] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(headers.get('content-range') ?? '') ?? [];
  if (status !== 206 || Number(first) !== range.first || Number(last) > range.last) {
    body.destroy();
    throw new HttpError('http.range', `${url.host} did not send the range that was asked for`, status, {});
  }
  return { body, size: parseLength(size ?? ''), etag };
}

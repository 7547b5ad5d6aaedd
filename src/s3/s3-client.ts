// The operations of the S3 API that a place in a bucket needs. Keys are complete, including any prefix.
import { GlanceError } from '../errors.ts';
import { readAtMost } from '../http/body-start.ts';
import type { HttpClient } from '../http/client.ts';
import { parseLength } from '../http/text/headers.ts';
import type { S3Access } from './access.ts';
import * as answers from './answers.ts';
import type { ListedObject, ListedPart, ListedUpload, S3Page } from './answers.ts';
import { asObject, drain, etagOf, readWhole, type StoredObject, understood } from './reading.ts';
import { S3Error, UploadGoneError } from './refusals.ts';
import * as requests from './requests.ts';
import type { PartStream, UploadedPart } from './requests.ts';
import { S3Sender } from './sender.ts';
import { mostPartsOf } from './url.ts';
import { asWhole, type ReadFrom, type WholeObject } from './whole-object.ts';

/** Longest list to read, bytes: a thousand keys of the greatest length, with every character encoded. */
const maxListBytes = 16 * 1024 * 1024;

/** Maximum number of pages of one list: a billion keys. */
const mostPages = 1_000_000;

/** One bucket. */
export class S3Client {
  readonly bucket: string;
  /** Maximum number of parts of an upload that the store is known to accept. */
  readonly mostParts: number;
  readonly #sender: S3Sender;
  readonly #retries: number;

  /** @param http its time limits, retries and register of secrets are used */
  constructor(http: HttpClient, access: S3Access, bucket: string) {
    this.bucket = bucket;
    this.mostParts = mostPartsOf(access);
    this.#retries = http.retries;
    this.#sender = new S3Sender(http, access, bucket);
  }

  /** All objects whose keys begin with `prefix`, in the order of the keys' bytes, a thousand at a time. */
  listObjects(prefix: string, signal: AbortSignal): AsyncIterable<readonly ListedObject[]> {
    const ask = (token: string | null): requests.S3Request => requests.listObjectsRequest(prefix, token);
    return this.#pages(ask, answers.parseObjectPage, signal);
  }

  /**
   * An object, or a range of its bytes, the last one included.
   * @returns null if there is no such object
   * @throws GlanceError `http.range` for a range that the object does not have, or that the store ignores
   */
  async get(
    key: string,
    range: { readonly first: number; readonly last: number } | null,
    signal: AbortSignal,
  ): Promise<StoredObject | null> {
    return await orNull(
      this.#sender.send(requests.getRequest(key, range, true), signal, (answer) =>
        Promise.resolve(asObject(answer, range)),
      ),
    );
  }

  /** All of an object, however often the connection breaks; null if there is no such object. */
  async getWhole(key: string, signal: AbortSignal): Promise<WholeObject | null> {
    const found = await this.get(key, null, signal);
    const readFrom: ReadFrom = (first, last) => this.get(key, { first, last }, signal);
    return found === null ? null : asWhole(found, readFrom, this.#retries);
  }

  /**
   * Some bytes of an object, fewer if it ends earlier, and the ETag of the object.
   * @returns null if there is no such object
   * @throws GlanceError `http.range` for a range that begins past its end, or that the store ignores
   */
  async getRange(
    key: string,
    { offset, length }: { readonly offset: number; readonly length: number },
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly etag: string | null } | null> {
    const range = { first: offset, last: offset + length - 1 };
    return await orNull(
      this.#sender.send(requests.getRequest(key, range, true), signal, async (answer) => {
        const { body, etag } = asObject(answer, range);
        try {
          return { bytes: await readAtMost(body, length), etag };
        } finally {
          body.destroy();
        }
      }),
    );
  }

  /**
   * A small object as text.
   * @returns null if there is no such object
   * @throws GlanceError `place.unsupported` if it has more than `maxBytes`
   */
  async getText(key: string, maxBytes: number, signal: AbortSignal): Promise<string | null> {
    const request = requests.getRequest(key, null, false);
    return await orNull(this.#sender.send(request, signal, async (answer) => await readWhole(answer, maxBytes, key)));
  }

  /** What is known of an object without reading it; null if there is no such object or bucket. */
  async head(
    key: string,
    signal: AbortSignal,
  ): Promise<{ readonly size: number; readonly etag: string | null } | null> {
    return await orNull(
      this.#sender.send(requests.headRequest(key), signal, ({ headers, url }) => {
        const size = parseLength(headers.get('content-length') ?? '');
        if (size === null) throw new GlanceError('place.unsupported', `${url.host} does not say how large ${key} is`);
        return Promise.resolve({ size, etag: answers.plainEtag(headers.get('etag')) });
      }),
    );
  }

  /**
   * Writes an object in one request, replacing an existing one. The store checks the MD5.
   * @param digest `md5` of the bytes, in hexadecimal
   * @throws IntegrityError if it arrived damaged every time
   */
  async put(
    key: string,
    bytes: Uint8Array,
    { md5, contentType = null }: { readonly md5: string; readonly contentType?: string | null },
    signal: AbortSignal,
  ): Promise<{ readonly etag: string }> {
    return await this.#sender.send(requests.putRequest(key, bytes, md5, contentType), signal, etagOf);
  }

  /** Removes an object, if it exists. */
  async remove(key: string, signal: AbortSignal): Promise<void> {
    await orNull(this.#sender.send(requests.removeRequest(key), signal, drain));
  }

  /** Uploads that were started but neither completed nor aborted, of keys that begin with `prefix`. */
  listUploads(prefix: string, signal: AbortSignal): AsyncIterable<readonly ListedUpload[]> {
    const ask = (marker: answers.UploadMarker | null): requests.S3Request =>
      requests.listUploadsRequest(prefix, marker);
    return this.#pages(ask, answers.parseUploadPage, signal);
  }

  /** Starts an upload, and returns its id. If the answer is lost, {@link listUploads} still finds it. */
  async createUpload(key: string, signal: AbortSignal): Promise<string> {
    return await this.#sender.send(requests.createUploadRequest(key), signal, async (answer) =>
      understood(answers.parseUploadId(await readWhole(answer, maxListBytes, key)), answer),
    );
  }

  /** The parts that the store has, by number; null if there is no such upload. */
  async listParts(key: string, uploadId: string, signal: AbortSignal): Promise<readonly ListedPart[] | null> {
    const parts: ListedPart[] = [];
    const ask = (marker: string | null): requests.S3Request => requests.listPartsRequest(key, uploadId, marker);
    const read = async (): Promise<readonly ListedPart[]> => {
      for await (const page of this.#pages(ask, answers.parsePartPage, signal)) parts.push(...page);
      return parts;
    };
    return await orNull(read(), noUpload);
  }

  /**
   * Sends a part, replacing one with the same number. Bytes are retried. A stream is sent once, and fails with
   * `place.unavailable` if another one may succeed.
   * @param number 1 to 10,000
   * @param digest `md5` of the part, in hexadecimal, which the store then checks; null if known only afterwards
   * @returns the ETag, at most stores the MD5 of what arrived
   * @throws UploadGoneError if there is no such upload; IntegrityError if it arrived damaged; what the stream throws
   */
  async putPart(
    key: string,
    uploadId: string,
    number: number,
    body: Uint8Array | PartStream,
    { md5 }: { readonly md5: string | null },
    signal: AbortSignal,
  ): Promise<{ readonly etag: string }> {
    const request = requests.putPartRequest(key, uploadId, number, body, md5);
    try {
      return await this.#sender.send(request, signal, etagOf);
    } catch (error) {
      if (!isGone(error, noUpload)) throw error;
      throw new UploadGoneError(key, { ...error.facts, hint: undefined, cause: error });
    }
  }

  /**
   * Makes an object of the parts.
   * @param parts in the order of their numbers
   * @returns its ETag; null if the store sends none, or if the upload is gone, so that it is not even known whether
   * there is an object. It may have been completed, with the answer lost, or aborted; {@link head} shows which.
   */
  async completeUpload(
    key: string,
    uploadId: string,
    parts: readonly UploadedPart[],
    signal: AbortSignal,
  ): Promise<{ readonly etag: string | null }> {
    const request = requests.completeUploadRequest(key, uploadId, parts);
    const completed = this.#sender.send(request, signal, async (answer) => {
      const text = await readWhole(answer, maxListBytes, key);
      // The store starts to answer before it knows the outcome.
      const refusal = answers.parseRefusal(text);
      if (refusal !== null) throw this.#sender.refuse('POST', answer, text, refusal);
      return understood(answers.parseCompleted(text), answer);
    });
    return (await orNull(completed, noUpload)) ?? { etag: null };
  }

  /** Aborts an upload and discards its parts, if it exists. */
  async abortUpload(key: string, uploadId: string, signal: AbortSignal): Promise<void> {
    await orNull(this.#sender.send(requests.abortUploadRequest(key, uploadId), signal, drain), noUpload);
  }

  async *#pages<Item, Next>(
    ask: (at: Next | null) => requests.S3Request,
    parse: (text: string) => S3Page<Item, Next> | null,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Item[]> {
    let at: Next | null = null;
    for (let left = mostPages; ; left--) {
      const page: S3Page<Item, Next> = await this.#sender.send(ask(at), signal, async (answer) =>
        understood(parse(await readWhole(answer, maxListBytes, this.bucket)), answer),
      );
      yield page.items;
      if (page.next === null) return;
      if (left === 0 || JSON.stringify(page.next) === JSON.stringify(at)) {
        throw new GlanceError('page.loop', `the list of the bucket ${this.bucket} repeats itself`);
      }
      at = page.next;
    }
  }
}

/** Codes that mean that there is no such object, or no such upload, although the bucket exists. */
const noObject: ReadonlySet<string> = new Set(['NoSuchKey']);
const noUpload: ReadonlySet<string> = new Set(['NoSuchKey', 'NoSuchUpload']);

/** An answer to HEAD has no code. Any other answer without one is not from an S3 API. */
function isGone(error: unknown, codes: ReadonlySet<string>): error is S3Error {
  if (!(error instanceof S3Error) || error.status !== 404) return false;
  return error.s3Code === null ? error.facts.method === 'HEAD' : codes.has(error.s3Code);
}

async function orNull<T>(value: Promise<T>, codes = noObject): Promise<T | null> {
  try {
    return await value;
  } catch (error) {
    if (isGone(error, codes)) return null;
    throw error;
  }
}

// Images API v1: metadata in x-image-meta-* headers, lists in JSON, image data in the body.
// See https://docs.openstack.org/api-ref/image/v1/ ; where servers deviate from it, a comment says so.
import type { Digest } from '../../digests.ts';
import { type ErrorFacts, GlanceError, HttpError } from '../../errors.ts';
import type { HttpClient } from '../../http/client.ts';
import type { HttpAnswer, HttpRequest } from '../../http/request.ts';
import type { Credentials, CredentialSource } from '../../http/secrets/credentials.ts';
import { explainMissing, noMembersError, md5OfEtag, explainRange, rangeRequest, readData } from '../data-answer.ts';
import { explainApi } from '../api-trouble.ts';
import { type Image, mayHaveData, type Member, type Store } from '../image.ts';
import { explainRefusal, noDataError } from '../no-data.ts';
import { checkIdentity } from '../asked-id.ts';
import { bearOddRecord, type OddRecordError, type OnOdd } from '../odd-record.ts';
import { type Page, walkPages } from '../paging.ts';
import type { ByteRange, ImageData, ImageService, ListQuery } from '../service.ts';
import { anyRecord } from '../own-filter.ts';
import { askInTurn, type Parameters } from '../spellings.ts';
import { join } from '../uri.ts';
import type { Warn } from '../service.ts';
import { parseImageHeaders } from './headers.ts';
import { parseImageList, parseMembers, parseSharedImages } from './records.ts';
import { translateQuery } from './query.ts';

/** Maximum size of one page of a list, in bytes. */
const maxPageBytes = 32 * 1024 * 1024;
const largestPage = 1000;

interface V1Options {
  readonly client: HttpClient;
  /** The URL before `/images`: `http://host:9292/v1`, or a root without a version. */
  readonly base: URL;
  /** If nothing stated the version: why v1 was assumed. Absent or null: it was stated. */
  readonly guess?: string | null;
  readonly credentials: CredentialSource;
  readonly warn: Warn;
}

export class V1ImageService implements ImageService {
  readonly apiVersion = 1;
  readonly endpoint: URL;
  readonly #client: HttpClient;
  readonly #credentials: CredentialSource;
  readonly #warn: Warn;
  readonly #guess: string | null;

  constructor(options: V1Options) {
    this.endpoint = options.base;
    this.#client = options.client;
    this.#credentials = options.credentials;
    this.#warn = options.warn;
    this.#guess = options.guess ?? null;
  }

  async *list(query: ListQuery, signal: AbortSignal, onOdd?: OnOdd): AsyncGenerator<readonly Image[]> {
    const { parameters, bareParameters, matches } = translateQuery(query);
    const ask = async (asked: Parameters, marker: string | undefined, size: number): Promise<Page> => {
      const url = join(this.endpoint, 'images', 'detail');
      for (const [name, value] of asked) url.searchParams.set(name, value);
      url.searchParams.set('limit', String(size));
      if (marker !== undefined) url.searchParams.set('marker', marker);
      // Spaces as %20, since some servers take a plus sign literally.
      url.search = url.search.replaceAll('+', '%20');
      const value = await this.#json(url, signal);
      return { images: parseImageList(value), more: null };
    };
    const spellings = [parameters, bareParameters].map((each) => ({ parameters: [...each], doubtsNothing: false }));
    yield* walkPages({
      pageSize: Math.min(query.pageSize ?? largestPage, largestPage),
      limit: query.limit,
      marker: query.marker,
      matches,
      onOdd,
      fetchPage: askInTurn(spellings, ask, matches ?? anyRecord),
    });
  }

  async get(id: string, signal: AbortSignal): Promise<Image> {
    try {
      const answer = await this.#client.head(await this.#request('HEAD', join(this.endpoint, 'images', id), signal));
      return parseImageHeaders(answer.headers, id, this.#warn);
    } catch (error) {
      if (isHeaderTrouble(error)) return await this.#findInList(id, error, signal);
      throw explainApi(explainMissing(error, id), 1, this.#guess);
    }
  }

  async members(id: string, signal: AbortSignal): Promise<readonly Member[]> {
    try {
      return parseMembers(await this.#json(join(this.endpoint, 'images', id, 'members'), signal), id);
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error;
      // If the image exists, this server does not support members; if not, `get` throws the right error.
      await this.get(id, signal).catch((odd: unknown) => bearOddRecord(odd, this.#warn));
      throw noMembersError(error);
    }
  }

  async sharedImages(project: string, signal: AbortSignal): Promise<readonly Member[]> {
    return parseSharedImages(await this.#json(join(this.endpoint, 'shared-images', project), signal), project);
  }

  stores(): Promise<readonly Store[]> {
    return Promise.reject(
      new GlanceError('usage.unsupported', 'Images API v1 does not list its stores', {
        hint: 'glance-cli show IMAGE shows where one image is, if the server says so',
      }),
    );
  }

  /** A slash cannot be part of an id in a path, and an id beyond ASCII makes some servers answer 500. */
  mayBeId(text: string): boolean {
    return /^[\x21-\x2e\x30-\x7e]{1,255}$/.test(text) && text !== 'detail' && !/^\.{1,2}$/.test(text);
  }

  async data(image: Image, range: ByteRange | null, signal: AbortSignal): Promise<ImageData> {
    if (!mayHaveData(image.status)) throw noDataError(image, null);
    try {
      return await this.#openData(image, range, signal);
    } catch (error) {
      throw explainRange(error, range, signal);
    }
  }

  async #openData(image: Image, range: ByteRange | null, signal: AbortSignal): Promise<ImageData> {
    const request: HttpRequest = {
      ...(await this.#request('GET', join(this.endpoint, 'images', image.id), signal)),
      purpose: 'data',
      ...rangeRequest(range),
    };
    let answer: HttpAnswer;
    try {
      answer = await this.#client.send(request);
    } catch (error) {
      throw await this.#explainNoData(error, image, signal);
    }
    return await readData(answer, image, range, {
      check() {
        for (const id of answer.headers.getAll('x-image-meta-id')) checkIdentity(image.id, id);
      },
      digests: (facts) => {
        this.#checkDigests(answer, image, facts);
        return etagDigests(answer);
      },
    });
  }

  async #json(url: URL, signal: AbortSignal): Promise<unknown> {
    try {
      return (await this.#client.json(await this.#request('GET', url, signal), maxPageBytes)).value;
    } catch (error) {
      throw explainApi(error, 1, this.#guess);
    }
  }

  async #request(method: 'GET' | 'HEAD', url: URL, signal: AbortSignal): Promise<HttpRequest> {
    const { token, headers } = await this.#credentials.current();
    const renew = (): Promise<Credentials | null> => this.#credentials.renew();
    return {
      method,
      url,
      accept: 'application/json',
      token,
      extraHeaders: headers,
      renew,
      purpose: 'metadata',
      signal,
    };
  }

  /**
   * Finds a record in the list, whose JSON has none of the limits of headers. There is no filter by id, so this reads
   * page after page.
   */
  async #findInList(id: string, trouble: GlanceError, signal: AbortSignal): Promise<Image> {
    let odd: OddRecordError | null = null;
    const onOdd: OnOdd = (record) => {
      if (record.image.id === id) odd = record;
    };
    try {
      for await (const page of this.list({}, signal, onOdd)) {
        const image = page.find((candidate) => candidate.id === id);
        if (image !== undefined) {
          this.#warn(`${trouble.message}; the image's record was taken from the list of images instead`);
          return image;
        }
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
    }
    throw odd ?? trouble;
  }

  /**
   * Compares the MD5s in `ETag`, `x-image-meta-checksum` and the record. If any two differ, no digest can be trusted.
   */
  #checkDigests(answer: HttpAnswer, image: Image, facts: ErrorFacts): void {
    const md5s: [where: string, md5: string][] = image.checksum === null ? [] : [['the record', image.checksum]];
    for (const etag of answer.headers.getAll('etag').map(md5OfEtag)) if (etag !== null) md5s.push(['its ETag', etag]);
    for (const checksum of answer.headers.getAll('x-image-meta-checksum')) {
      if (!/^(?:|none|null)$/i.test(checksum)) md5s.push(['x-image-meta-checksum', checksum.toLowerCase()]);
    }
    if (new Set(md5s.map(([, md5]) => md5)).size <= 1) return;
    const said = md5s.map(([where, md5]) => `${where} says ${md5}`).join(', ');
    throw new GlanceError('integrity.contradiction', `the server contradicts itself about the image's MD5: ${said}`, {
      ...facts,
      hint: 'the image may have been replaced just now; otherwise ask whoever runs the server',
    });
  }

  async #explainNoData(error: unknown, image: Image, signal: AbortSignal): Promise<unknown> {
    if (!(error instanceof HttpError) || error.status !== 404) return explainRefusal(error, image);
    // A 404 has four possible causes here, which only the metadata can distinguish.
    try {
      return noDataError(await this.get(image.id, signal), error);
    } catch (odd) {
      return noDataError(bearOddRecord(odd, this.#warn), error);
    }
  }
}

function isHeaderTrouble(error: unknown): error is GlanceError {
  return error instanceof GlanceError && (error.code === 'http.bad_header' || error.code === 'http.headers_too_large');
}

/** In v1, `ETag` is the MD5. It helps if the record has none. */
function etagDigests(answer: HttpAnswer): readonly Digest[] {
  const hex = md5OfEtag(answer.headers.get('etag'));
  return hex === null ? [] : [{ algorithm: 'md5', hex }];
}

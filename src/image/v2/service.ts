// Images API v2: JSON records, a multihash, image data under /file.
// See https://docs.openstack.org/api-ref/image/v2/ ; what servers do beyond it is noted where it matters.
import { type Digest, isDigestHex } from '../../digests.ts';
import { GlanceError, HttpError } from '../../errors.ts';
import type { HttpClient } from '../../http/client.ts';
import type { HttpAnswer, HttpRequest } from '../../http/request.ts';
import type { Credentials, CredentialSource } from '../../http/secrets/credentials.ts';
import { redactUrl } from '../../http/secrets/redact.ts';
import {
  checkDataAnswer,
  contentLengthOf,
  explainMissing,
  noMembersError,
  explainRange,
  rangeRequest,
  refuseData,
} from '../data-answer.ts';
import { explainApi } from '../api-trouble.ts';
import { type Image, mayHaveData, type Member, type Store } from '../image.ts';
import { explainRefusal, noDataError } from '../no-data.ts';
import { checkIdentity } from '../asked-id.ts';
import { bearOddRecord, type OnOdd } from '../odd-record.ts';
import { anyRecord, ownFilter } from '../own-filter.ts';
import { idOf, keepOdd, type Page, takeWhole, walkPages } from '../paging.ts';
import type { ByteRange, ImageData, ImageService, ListQuery, Warn } from '../service.ts';
import { askInTurn, type Parameters } from '../spellings.ts';
import { join } from '../uri.ts';
import { parseStores, parseV2Image, parseV2Members, parseV2Page } from './records.ts';
import { v2Spellings } from './query.ts';
import { explainPreference, preferenceQuery } from './store-preference.ts';

/** Bytes of one page of a list, and of one record. */
const maxPageBytes = 32 * 1024 * 1024;
const maxRecordBytes = 1024 * 1024;
const largestPage = 1000;

export interface V2Options {
  readonly client: HttpClient;
  /** What comes before `/images`, such as `https://host/image/v2`. */
  readonly base: URL;
  /** Proves who asks. */
  readonly credentials: CredentialSource;
  readonly warn: Warn;
}

export class V2ImageService implements ImageService {
  readonly apiVersion = 2;
  readonly endpoint: URL;
  readonly #client: HttpClient;
  readonly #credentials: CredentialSource;
  readonly #warn: V2Options['warn'];

  constructor(options: V2Options) {
    this.endpoint = options.base;
    this.#client = options.client;
    this.#credentials = options.credentials;
    this.#warn = options.warn;
  }

  /**
   * Pages are asked for by our own query and `marker`: the server's `next` drops repeated parameters and, behind a proxy,
   * the path prefix. Only whether it is there is used.
   */
  async *list(query: ListQuery, signal: AbortSignal, onOdd?: OnOdd): AsyncGenerator<readonly Image[]> {
    const ask = async (parameters: Parameters, marker: string | undefined, size: number): Promise<Page> => {
      const url = join(this.endpoint, 'images');
      const all = [...parameters, ['limit', String(size)], ...(marker === undefined ? [] : [['marker', marker]])];
      url.search = all
        .map(([name = '', value = '']) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
        .join('&');
      return parseV2Page(await this.#json(url, maxPageBytes, signal));
    };
    const matches = ownFilter(query);
    yield* walkPages({
      pageSize: Math.min(query.pageSize ?? largestPage, largestPage),
      limit: query.limit,
      marker: query.marker,
      matches,
      onOdd,
      // Words say nothing of the server: a page may well have none of them.
      fetchPage: askInTurn(v2Spellings(query), ask, ownFilter({ ...query, words: undefined }) ?? anyRecord),
    });
  }

  mayBeId(text: string): boolean {
    return /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i.test(text);
  }

  async get(id: string, signal: AbortSignal): Promise<Image> {
    try {
      const value = await this.#json(join(this.endpoint, 'images', id), maxRecordBytes, signal);
      const record = keepOdd(() => parseV2Image(value));
      checkIdentity(id, idOf(record));
      return takeWhole(record);
    } catch (error) {
      throw explainMissing(error, id);
    }
  }

  async members(id: string, signal: AbortSignal): Promise<readonly Member[]> {
    try {
      return parseV2Members(await this.#json(join(this.endpoint, 'images', id, 'members'), maxPageBytes, signal), id);
    } catch (error) {
      // Glance answers 403 for an image that is shared with nobody, since its visibility is another.
      if (!(error instanceof HttpError) || ![403, 404].includes(error.status)) throw error;
      if ((await this.#visibilityOf(id, signal)) !== 'shared') return [];
      throw error.status === 404 ? noMembersError(error) : error;
    }
  }

  /** Null too where it cannot be read. */
  async #visibilityOf(id: string, signal: AbortSignal): Promise<string | null> {
    const image = await this.get(id, signal).catch((error: unknown) => bearOddRecord(error, this.#warn));
    return image.visibility;
  }

  sharedImages(): Promise<readonly Member[]> {
    return Promise.reject(
      new GlanceError('usage.unsupported', 'Images API v2 has no list of what is shared with a project', {
        hint: 'as that project, use list `visibility: shared` `memberStatus: all`',
      }),
    );
  }

  async stores(signal: AbortSignal): Promise<readonly Store[]> {
    try {
      return parseStores(await this.#json(join(this.endpoint, 'info', 'stores'), maxRecordBytes, signal));
    } catch (error) {
      if (!(error instanceof HttpError) || error.status !== 404) throw error;
      throw new GlanceError('usage.unsupported', 'this Glance does not tell its stores: it has only one', {
        ...error.facts,
        cause: error,
      });
    }
  }

  async data(
    image: Image,
    range: ByteRange | null,
    signal: AbortSignal,
    preferred: readonly string[] = [],
  ): Promise<ImageData> {
    if (!mayHaveData(image.status)) throw noDataError(image, null);
    try {
      return await this.#openData(image, range, signal, preferred);
    } catch (error) {
      // What is wrong with the choice of stores shows in the request for the whole, which follows.
      if (range !== null || preferred.length === 0) throw explainRange(error, range, signal);
      throw await explainPreference(preferred, error, () => this.stores(signal));
    }
  }

  async #openData(
    image: Image,
    range: ByteRange | null,
    signal: AbortSignal,
    preferred: readonly string[],
  ): Promise<ImageData> {
    const url = join(this.endpoint, 'images', image.id, 'file');
    url.search = preferenceQuery(preferred);
    const request: HttpRequest = { ...(await this.#request(url, signal)), purpose: 'data', ...rangeRequest(range) };
    let answer: HttpAnswer;
    try {
      answer = await this.#client.send(request);
    } catch (error) {
      throw explainDataError(error, image);
    }
    try {
      // 204 also of an active image whose data the store has lost.
      if (answer.status === 204) throw noDataError(image, null);
      const start = checkDataAnswer(answer, image, range, {
        image: image.id,
        url: redactUrl(answer.url),
        requestId: answer.requestId ?? undefined,
      });
      return {
        body: answer.body,
        start,
        contentLength: contentLengthOf(answer),
        digests: contentMd5(answer),
        requestId: answer.requestId,
      };
    } catch (error) {
      throw await refuseData(error, answer);
    }
  }

  async #json(url: URL, maxBytes: number, signal: AbortSignal): Promise<unknown> {
    try {
      return (await this.#client.json(await this.#request(url, signal), maxBytes)).value;
    } catch (error) {
      throw explainApi(error, 2, null);
    }
  }

  /** `application/json` alone: with anything beside it Glance answers errors in HTML. */
  async #request(url: URL, signal: AbortSignal): Promise<HttpRequest> {
    const { token, headers } = await this.#credentials.current();
    const renew = (): Promise<Credentials | null> => this.#credentials.renew();
    const accept = 'application/json';
    return { method: 'GET', url, accept, token, extraHeaders: headers, renew, purpose: 'metadata', signal };
  }
}

/** Of the whole image, in hex and not in base64 as the header is defined. */
function contentMd5(answer: HttpAnswer): readonly Digest[] {
  const hex = answer.headers.getSingle('content-md5')?.toLowerCase() ?? '';
  return isDigestHex('md5', hex) ? [{ algorithm: 'md5', hex }] : [];
}

function explainDataError(error: unknown, image: Image): unknown {
  if (error instanceof HttpError && error.status === 404) return noDataError(image, error);
  return explainRefusal(error, image);
}

// Images API v2: JSON records, a multihash, image data under /file.
// See https://docs.openstack.org/api-ref/image/v2/ ; where servers deviate from it, a comment says so.
import { type Digest, isDigestHex } from '../../digests.ts';
import { GlanceError, HttpError } from '../../errors.ts';
import type { HttpClient } from '../../http/client.ts';
import type { HttpAnswer, HttpRequest } from '../../http/request.ts';
import type { Credentials, CredentialSource } from '../../http/secrets/credentials.ts';
import { explainMissing, noMembersError, explainRange, rangeRequest, readData } from '../data-answer.ts';
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

/** Maximum size of one page of a list, in bytes. */
const maxPageBytes = 32 * 1024 * 1024;
const maxRecordBytes = 1024 * 1024;
const largestPage = 1000;

export interface V2Options {
  readonly client: HttpClient;
  /** The URL before `/images`, such as `https://host/image/v2`. */
  readonly base: URL;
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
   * Requests pages with its own query and `marker`: the server's `next` drops repeated parameters and, behind a proxy,
   * the path prefix. It only shows whether there are more pages.
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
      // The words of a query are left out: a page may well contain no name with them although the server understood the query.
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
      // Glance answers 403 for an image that cannot have members because its visibility is not `shared`.
      if (!(error instanceof HttpError) || ![403, 404].includes(error.status)) throw error;
      if ((await this.#visibilityOf(id, signal)) !== 'shared') return [];
      throw error.status === 404 ? noMembersError(error) : error;
    }
  }

  /** Null if the record has none, or it cannot be read. */
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
      throw new GlanceError('usage.unsupported', 'this Glance does not list its stores: it has only one', {
        ...error.facts,
        hint: 'glance-cli show IMAGE shows where one image is, if the server says so',
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
      // If the choice of stores is the problem, the request for the whole image, which follows, will show it.
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
    return await readData(answer, image, range, { digests: () => contentMd5(answer) });
  }

  async #json(url: URL, maxBytes: number, signal: AbortSignal): Promise<unknown> {
    try {
      return (await this.#client.json(await this.#request(url, signal), maxBytes)).value;
    } catch (error) {
      throw explainApi(error, 2, null);
    }
  }

  /** Accepts only `application/json`: if anything else is named too, Glance sends errors as HTML. */
  async #request(url: URL, signal: AbortSignal): Promise<HttpRequest> {
    const { token, headers } = await this.#credentials.current();
    const renew = (): Promise<Credentials | null> => this.#credentials.renew();
    const accept = 'application/json';
    return { method: 'GET', url, accept, token, extraHeaders: headers, renew, purpose: 'metadata', signal };
  }
}

/** The MD5 of the whole image. Glance sends it in hex, although the header is defined as base64. */
function contentMd5(answer: HttpAnswer): readonly Digest[] {
  const hex = answer.headers.getSingle('content-md5')?.toLowerCase() ?? '';
  return isDigestHex('md5', hex) ? [{ algorithm: 'md5', hex }] : [];
}

function explainDataError(error: unknown, image: Image): unknown {
  if (error instanceof HttpError && error.status === 404) return noDataError(image, error);
  return explainRefusal(error, image);
}

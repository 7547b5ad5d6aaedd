// Turns a request into its answer: which API, who may ask, under which request id. Pure.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Answer, ApiRequest, HandlerOptions, HeaderPair, ServerRequest } from './answers/answer.ts';
import type { Catalog } from './images/catalog.ts';
import { answerDocument } from './v1/document.ts';
import { type ErrorAnswer, renderFailure } from './answers/failure.ts';
import { decodePercent } from './answers/text-encoding.ts';
import { answerV1 } from './v1/handler.ts';
import { answerV2 } from './v2/handler.ts';
import { findDestination, listVersions, v1Versions, v2Versions } from './versions.ts';

const requestIdHeader = 'X-Openstack-Request-Id';

/** How a server behaves by default. */
export const defaultHandlerOptions: HandlerOptions = {
  style: 'glance',
  ranges: true,
  token: null,
  view: 'everything',
  versions: [...v2Versions, ...v1Versions],
  defaultHost: 'localhost',
  pages: null,
  newRequestId: () => `req-${randomUUID()}`,
};

/** The answer to any request. */
export function answerRequest(request: ServerRequest, catalog: Catalog, options: HandlerOptions): Answer {
  const answer = answerMethod(request, catalog, options);
  return request.method === 'HEAD' ? { ...answer, body: null } : answer;
}

function answerMethod(request: ServerRequest, catalog: Catalog, options: HandlerOptions): Answer {
  // Answered before anything else, for any path and anybody. @see recorded exchange `options-image`
  if (request.method === 'OPTIONS')
    return { status: 200, statusText: 'OK', headers: [['Content-Length', '0']], body: null };
  const call = takeApart(request, options);
  if (options.style === 'document') {
    return isAllowed(request, options) ? answerDocument(call, catalog, options) : refuse(call, 1);
  }
  const page = options.token === null ? options.pages?.(call) : null;
  if (page !== null && page !== undefined) return page;
  const destination = findDestination(call.path, request.headers.get('accept'), options.versions);
  if (destination.kind === 'versions') return listVersions(options.versions, call.origin, destination.explicit);
  if (destination.kind === 'health') return healthy;
  const api = destination.kind === 'v1' ? 1 : 2;
  if (!isAllowed(request, options)) return refuse(call, api);
  const answer = (api === 1 ? answerV1 : answerV2)({ ...call, path: destination.rest }, catalog, options);
  return withRequestId(answer, request, options);
}

/** The answer to a request that this server fails to answer, or refuses regardless of what it requests. */
export function answerFailure(request: ServerRequest, failure: ErrorAnswer, options: HandlerOptions): Answer {
  const call = takeApart(request, options);
  const accept = request.headers.get('accept');
  const isV2 = options.style === 'glance' && findDestination(call.path, accept, options.versions).kind === 'v2';
  const answer = renderFailure(failure, { api: isV2 ? 2 : 1, method: request.method, accept });
  return options.style === 'glance' ? withRequestId(answer, request, options) : answer;
}

function withRequestId(answer: Answer, request: ServerRequest, options: HandlerOptions): Answer {
  const header: HeaderPair = [requestIdHeader, requestIdOf(request, options)];
  return { ...answer, headers: [...answer.headers, header] };
}

/** The id of a request: the client's own if it is safe in a header and a log, otherwise a new one. */
export function requestIdOf(request: ServerRequest, options: HandlerOptions): string {
  const id = request.headers.get(requestIdHeader.toLowerCase());
  return id !== undefined && /^[\x21-\x7e]{1,64}$/.test(id) ? id : options.newRequestId();
}

function takeApart(request: ServerRequest, options: HandlerOptions): ApiRequest {
  // The request line of a client that uses a proxy contains the origin.
  const target = request.target.replace(/^https?:\/\/[^/?]*/i, '');
  const question = target.includes('?') ? target.indexOf('?') : target.length;
  const host = request.headers.get('host') ?? '';
  return {
    request,
    // A path that is not UTF-8 names no image in any case.
    path: decodePercent(target.slice(0, question)) ?? target.slice(0, question),
    query: target.slice(question + 1),
    origin: `http://${/^[\w.[\]:-]+$/.test(host) ? host : options.defaultHost}`,
  };
}

/** Compares hashes, so that timing reveals nothing about the token. */
function isAllowed(request: ServerRequest, options: HandlerOptions): boolean {
  if (options.token === null) return true;
  const [given, wanted] = [request.headers.get('x-auth-token') ?? '', options.token].map((token) => {
    return createHash('sha256').update(token).digest();
  });
  return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted);
}

/** In front of API v2, a real server names its Keystone here; without one, this server names itself. */
function refuse({ request, origin }: ApiRequest, api: 1 | 2): Answer {
  const headers: readonly HeaderPair[] = api === 1 ? [] : [['Www-Authenticate', `Keystone uri="${origin}"`]];
  return renderFailure(
    { status: 401, headers },
    { api, method: request.method, accept: request.headers.get('accept') },
  );
}

/** For monitoring. @see recorded exchange `healthcheck` */
const healthy: Answer = {
  status: 200,
  statusText: 'OK',
  headers: [
    ['Content-Type', 'text/plain; charset=UTF-8'],
    ['Content-Length', '2'],
  ],
  body: 'OK',
};

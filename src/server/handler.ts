// From a request to its answer: which API, who may ask, under which request id. Pure.
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Answer, HandlerOptions, HeaderPair, ServerRequest } from './answer.ts';
import type { Catalog } from './catalog.ts';
import { answerDocument } from './document.ts';
import { renderFailure } from './failure.ts';
import { decodePercent } from './text-encoding.ts';
import { answerV1, type V1Request } from './v1.ts';
import { findDestination, listVersions, v1Versions } from './versions.ts';

const requestIdHeader = 'X-Openstack-Request-Id';

/** What a server does if nothing else is said. */
export const defaultHandlerOptions: HandlerOptions = {
  style: 'glance',
  ranges: true,
  token: null,
  view: 'everything',
  versions: v1Versions,
  defaultHost: 'localhost',
  newRequestId: () => `req-${randomUUID()}`,
};

/** The answer to any request. */
export function answerRequest(request: ServerRequest, catalog: Catalog, options: HandlerOptions): Answer {
  const answer = answerMethod(request, catalog, options);
  return request.method === 'HEAD' ? { ...answer, body: null } : answer;
}

function answerMethod(request: ServerRequest, catalog: Catalog, options: HandlerOptions): Answer {
  // Answered in front of everything, for any path and anybody. @see recorded exchange `options-image`
  if (request.method === 'OPTIONS')
    return { status: 200, statusText: 'OK', headers: [['Content-Length', '0']], body: null };
  const call = takeApart(request, options);
  if (options.style === 'document') {
    return isAllowed(request, options) ? answerDocument(call, catalog, options) : refuse(request);
  }
  const destination = findDestination(call.path, request.headers.get('accept'));
  if (destination.kind === 'versions') return listVersions(options.versions, call.origin, destination.explicit);
  if (!isAllowed(request, options)) return refuse(request);
  const answer = answerV1({ ...call, path: destination.rest }, catalog, options);
  const requestId: HeaderPair = [requestIdHeader, findRequestId(request) ?? options.newRequestId()];
  return { ...answer, headers: [...answer.headers, requestId] };
}

function takeApart(request: ServerRequest, options: HandlerOptions): V1Request {
  // A proxy's request line has the origin in it.
  const target = request.target.replace(/^https?:\/\/[^/?]*/i, '');
  const question = target.includes('?') ? target.indexOf('?') : target.length;
  const host = request.headers.get('host') ?? '';
  return {
    request,
    // A path that is not UTF-8 names no image, however it is read.
    path: decodePercent(target.slice(0, question)) ?? target.slice(0, question),
    query: target.slice(question + 1),
    origin: `http://${/^[\w.[\]:-]+$/.test(host) ? host : options.defaultHost}`,
  };
}

/** Compares digests, so that the time it takes tells nothing of the token. */
function isAllowed(request: ServerRequest, options: HandlerOptions): boolean {
  if (options.token === null) return true;
  const [given, wanted] = [request.headers.get('x-auth-token') ?? '', options.token].map((token) => {
    return createHash('sha256').update(token).digest();
  });
  return given !== undefined && wanted !== undefined && timingSafeEqual(given, wanted);
}

function refuse(request: ServerRequest): Answer {
  return renderFailure({ status: 401 }, { method: request.method, accept: request.headers.get('accept') });
}

/** The client's own request id, if it may stand in a header and a log. */
function findRequestId(request: ServerRequest): string | undefined {
  const id = request.headers.get(requestIdHeader.toLowerCase());
  return id !== undefined && /^[\x21-\x7e]{1,64}$/.test(id) ? id : undefined;
}

// The read side of Image API v1, as Glance 16 answers. Pure: a request, a catalog and options give an answer.
import type { Answer, ApiRequest, HandlerOptions, HeaderPair } from '../answers/answer.ts';
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import { type ErrorAnswer, renderFailure } from '../answers/failure.ts';
import { answerData } from '../images/image-data.ts';
import { type Json, LazyList } from '../answers/python-json.ts';
import { answerRecord } from '../answers/text-answer.ts';
import { listImages } from './list.ts';
import { renderDetail, renderHeaders, renderSummary } from './render.ts';
import { findMethodFailure, findRoute, type Route } from './routes.ts';
import { findReadable } from '../images/visibility.ts';

type Outcome = Answer | { readonly failure: ErrorAnswer };

/** The answer to a request below `/v1`, without request id. */
export function answerV1(call: ApiRequest, catalog: Catalog, options: HandlerOptions): Answer {
  const outcome = route(call, catalog, options);
  if (!('failure' in outcome)) return outcome;
  const { method, headers } = call.request;
  return renderFailure(outcome.failure, { api: 1, method, accept: headers.get('accept') });
}

function route(call: ApiRequest, catalog: Catalog, options: HandlerOptions): Outcome {
  const found = findRoute(call.path);
  if (found === undefined) return { failure: { status: 404 } };
  const failure = findMethodFailure(found, call.request.method);
  return failure === null ? answerRoute(found, call, catalog, options) : { failure };
}

function answerRoute(found: Route, call: ApiRequest, catalog: Catalog, options: HandlerOptions): Outcome {
  switch (found.kind) {
    case 'top':
      return redirectToRoot(call.origin);
    case 'root':
    case 'index':
      return answerList(call, catalog, options, renderSummary);
    case 'detail':
      return answerList(call, catalog, options, renderDetail);
    case 'image':
      return answerImage(found.id, call, catalog, options);
    case 'members':
    case 'member':
      return answerMembers(found.id, catalog, options);
    case 'shared':
      return answerShared(found.project, catalog, options);
    default:
      return found satisfies never;
  }
}

function redirectToRoot(origin: string): Answer {
  const headers: HeaderPair[] = [
    ['Content-Type', 'text/plain; charset=utf8'],
    ['Location', `${origin}/v1/`],
    ['Content-Length', '0'],
  ];
  return { status: 302, statusText: 'Found', headers, body: null };
}

function answerList(
  call: ApiRequest,
  catalog: Catalog,
  options: HandlerOptions,
  render: (entry: CatalogImage) => Json,
): Outcome {
  const page = listImages(catalog, call.query, options.view);
  return 'failure' in page ? page : answerImages(page.images, render);
}

/** Answers with a list of images, each of which is rendered as it is sent. */
export function answerImages(images: readonly CatalogImage[], render: (entry: CatalogImage) => Json): Answer {
  return answerRecord({ images: LazyList.of(images, render) }, 1);
}

function answerImage(id: string, { request }: ApiRequest, catalog: Catalog, options: HandlerOptions): Outcome {
  const entry = findReadable(catalog, id, options.view);
  if (entry === undefined) return { failure: noSuchImage(id) };
  if (request.method === 'HEAD') return answerHead(entry, options);
  const { status } = entry.image;
  if (status === 'deactivated') return { failure: { status: 403, detail: `Image ${id} is deactivated` } };
  if (status !== 'active') return { failure: { status: 404, detail: `Image ${id} is not active` } };
  return answerData({ request, entry, metadata: (size) => renderHeaders(entry, size), ranges: options.ranges });
}

/** Glance's answer if there is no such image, or the client may not see it. */
export function noSuchImage(id: string): ErrorAnswer {
  return { status: 404, detail: `Image with identifier ${id} not found`, headType: 'text/plain' };
}

/** The metadata only; its `Content-Length` is 0, not the image's size. */
function answerHead(entry: CatalogImage, options: HandlerOptions): Answer {
  const headers: HeaderPair[] = [
    ['Content-Type', 'text/html; charset=UTF-8'],
    ['Content-Length', '0'],
  ];
  if (options.ranges) headers.push(['Accept-Ranges', 'bytes']);
  return {
    status: 200,
    statusText: 'OK',
    headers: [...headers, ...renderHeaders(entry, entry.image.size)],
    body: null,
  };
}

function answerMembers(id: string, catalog: Catalog, options: HandlerOptions): Outcome {
  const entry = findReadable(catalog, id, options.view);
  if (entry === undefined) return { failure: noSuchImage(id) };
  if (entry.image.status === 'deleted') {
    return { failure: { status: 404, detail: `Image with identifier ${id} has been deleted.` } };
  }
  // Without a token, a client is neither owner nor member.
  const members = options.view === 'everything' ? entry.members : [];
  return answerRecord({ members: LazyList.of(members, ({ can_share, member_id }) => ({ can_share, member_id })) }, 1);
}

function answerShared(project: string, catalog: Catalog, options: HandlerOptions): Answer {
  const shared = options.view === 'everything' ? catalog.images : [];
  const memberships = shared.flatMap(({ image, members }) => {
    return members.flatMap(({ member_id, can_share }) =>
      member_id === project ? [{ image_id: image.id, can_share }] : [],
    );
  });
  return answerRecord({ shared_images: memberships }, 1);
}

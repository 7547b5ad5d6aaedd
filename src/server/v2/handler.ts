// The read side of Images API v2, as Glance 25 answers. Pure: a request, a catalog and options give an answer.
import type { Answer, ApiRequest, HandlerOptions } from '../answers/answer.ts';
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import { type ErrorAnswer, renderFailure } from '../answers/failure.ts';
import { type Json, LazyList } from '../answers/python-json.ts';
import { answerRecord } from '../answers/text-answer.ts';
import { findReadable, isDeleted } from '../images/visibility.ts';
import { answerV2Data } from './data.ts';
import { listV2Images } from './list.ts';
import { renderMember, renderV2Image } from './render.ts';
import { findV2Route, type V2Route } from './routes.ts';
import { schemas } from './schemas.ts';

type Outcome = Answer | { readonly failure: ErrorAnswer };

/** The answer to a request below `/v2`, without request id. */
export function answerV2(call: ApiRequest, catalog: Catalog, options: HandlerOptions): Answer {
  const { method, headers } = call.request;
  const route = findV2Route(call.path, method);
  const outcome = 'failure' in route ? route : answerRoute(route, call, catalog, options);
  if (!('failure' in outcome)) return outcome;
  return renderFailure(outcome.failure, { api: 2, method, accept: headers.get('accept') });
}

function answerRoute(route: V2Route, call: ApiRequest, catalog: Catalog, options: HandlerOptions): Outcome {
  switch (route.kind) {
    case 'images':
      return answerList(call, catalog, options);
    case 'image':
      return withImage(route.id, catalog, options, (entry) => answerRecord(renderV2Image(entry), 2));
    case 'file':
      return withImage(route.id, catalog, options, (entry) => answerV2Data(call.request, entry));
    case 'members':
      return withImage(route.id, catalog, options, (entry) => answerMembers(entry, null, options));
    case 'member':
      return withImage(route.id, catalog, options, (entry) => answerMembers(entry, route.project, options));
    case 'tasks':
      return withImage(route.id, catalog, options, () => answerRecord({ tasks: [] }, 2));
    case 'schema':
      return answerRecord(schemas[route.name], 2);
    case 'import':
      return answerRecord({ 'import-methods': noImport }, 2);
    case 'stores':
      return answerStores(catalog);
    case 'usage':
      return answerRecord({ usage: {} }, 2);
    case 'action':
      return { failure: { status: 404 } };
    default:
      return route satisfies never;
  }
}

function answerList(call: ApiRequest, catalog: Catalog, options: HandlerOptions): Outcome {
  const page = listV2Images(catalog, call.query, options.view);
  if ('failure' in page) return page;
  const { images, first, next } = page;
  const list = { images: LazyList.of(images, renderV2Image), first, schema: '/v2/schemas/images' };
  return answerRecord({ ...list, ...(next !== null && { next }) }, 2);
}

function withImage(
  id: string,
  catalog: Catalog,
  options: HandlerOptions,
  answer: (entry: CatalogImage) => Outcome,
): Outcome {
  const entry = findReadable(catalog, id, options.view);
  return entry === undefined || isDeleted(entry)
    ? { failure: { status: 404, explanation: `No image found with ID ${id}` } }
    : answer(entry);
}

/** @param project whose membership is requested; null for all */
function answerMembers(entry: CatalogImage, project: string | null, options: HandlerOptions): Outcome {
  const { id, visibility } = entry.image;
  if (visibility !== 'shared') {
    const explanation = `Not allowed to list members for image ${id}: Only shared images have members.`;
    return { failure: { status: 403, explanation } };
  }
  const members = options.view === 'everything' ? entry.members : [];
  if (project === null) {
    const list = LazyList.of(members, (member) => renderMember(entry, member));
    return answerRecord({ members: list, schema: '/v2/schemas/members' }, 2);
  }
  const member = members.find(({ member_id }) => member_id === project);
  if (member !== undefined) return answerRecord(renderMember(entry, member), 2);
  return { failure: { status: 404, explanation: `${project} not found in the member list of the image ${id}.` } };
}

const noImport: Json = { description: 'Import methods available.', type: 'array', value: [] };

/** The stores that images name, with the first as the default. If no image names a store, this server has only one. */
function answerStores(catalog: Catalog): Outcome {
  const ids = [...new Set(catalog.images.flatMap(({ image }) => image.stores ?? []))].toSorted();
  if (ids.length === 0)
    return { failure: { status: 404, explanation: 'Multi backend is not supported at this site.' } };
  const list = LazyList.of(ids.entries(), ([index, id]) => (index === 0 ? { id, default: 'true' } : { id }));
  return answerRecord({ stores: list }, 2);
}

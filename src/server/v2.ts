// Images API v2, the read side, as Glance 25 answers. Pure: a request, a catalog and options give an answer.
import type { Answer, ApiRequest, HandlerOptions, HeaderPair } from './answer.ts';
import type { Catalog, CatalogImage } from './catalog.ts';
import { type Failure, renderFailure } from './failure.ts';
import { type Json, toUnicodeJson } from './python-json.ts';
import { findReadable, isDeleted } from './v1-visibility.ts';
import { answerV2Data } from './v2-data.ts';
import { listV2Images } from './v2-list.ts';
import { renderMember, renderV2Image } from './v2-render.ts';
import { findV2Route, type V2Route } from './v2-routes.ts';
import { schemas } from './v2-schemas.ts';

type Outcome = Answer | { readonly failure: Failure };

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
      return withImage(route.id, catalog, options, (entry) => answerJson(renderV2Image(entry)));
    case 'file':
      return withImage(route.id, catalog, options, (entry) => answerV2Data(call.request, entry));
    case 'members':
      return withImage(route.id, catalog, options, (entry) => answerMembers(entry, null, options));
    case 'member':
      return withImage(route.id, catalog, options, (entry) => answerMembers(entry, route.project, options));
    case 'tasks':
      return withImage(route.id, catalog, options, () => answerJson({ tasks: [] }));
    case 'schema':
      return answerJson(schemas[route.name]);
    case 'import':
      return answerJson({ 'import-methods': noImport });
    case 'stores':
      return answerStores(catalog);
    case 'usage':
      return answerJson({ usage: {} });
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
  return answerJson({
    images: images.map(renderV2Image),
    first,
    schema: '/v2/schemas/images',
    ...(next !== null && { next }),
  });
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

/** @see recorded exchange `show-properties`: text outside ASCII is not escaped */
function answerJson(value: Json): Answer {
  const body = toUnicodeJson(value);
  const headers: readonly HeaderPair[] = [
    ['Content-Length', String(Buffer.byteLength(body))],
    ['Content-Type', 'application/json'],
  ];
  return { status: 200, statusText: 'OK', headers, body };
}

/** @param project whose membership is asked for; null for all */
function answerMembers(entry: CatalogImage, project: string | null, options: HandlerOptions): Outcome {
  const { id, visibility } = entry.image;
  if (visibility !== 'shared') {
    const explanation = `Not allowed to list members for image ${id}: Only shared images have members.`;
    return { failure: { status: 403, explanation } };
  }
  const members = options.view === 'everything' ? entry.members : [];
  if (project === null) {
    const list = members.map((member) => renderMember(entry, member));
    return answerJson({ members: list, schema: '/v2/schemas/members' });
  }
  const member = members.find(({ member_id }) => member_id === project);
  if (member !== undefined) return answerJson(renderMember(entry, member));
  return { failure: { status: 404, explanation: `${project} not found in the member list of the image ${id}.` } };
}

const noImport: Json = { description: 'Import methods available.', type: 'array', value: [] };

/** The stores that images name, the first of them as the default; a server whose images name none has only one. */
function answerStores(catalog: Catalog): Outcome {
  const ids = [...new Set(catalog.images.flatMap(({ image }) => image.stores ?? []))].toSorted();
  if (ids.length === 0)
    return { failure: { status: 404, explanation: 'Multi backend is not supported at this site.' } };
  return answerJson({ stores: ids.map((id, index) => (index === 0 ? { id, default: 'true' } : { id })) });
}

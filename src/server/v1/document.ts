// The server that the examples of the 2011 specification describe: no versions in paths, dashes in header names, words
// for null. No such server was ever seen; this one is for clients that were written from the document.
import type { Answer, ApiRequest, HandlerOptions, HeaderPair } from '../answers/answer.ts';
import type { Catalog, CatalogImage } from '../images/catalog.ts';
import { type ErrorAnswer, renderFailure } from '../answers/failure.ts';
import { answerData } from '../images/image-data.ts';
import type { Json } from '../answers/python-json.ts';
import { isHeaderName, toHeaderValue } from '../answers/text-encoding.ts';
import { answerImages, noSuchImage } from './handler.ts';
import { listImages } from './list.ts';
import { renderDetail } from './render.ts';
import { findMethodFailure, findRoute } from './routes.ts';
import { toV1Time } from '../images/time.ts';
import { findReadable } from '../images/visibility.ts';

/** The specification calls `available` what later became `active`. */
const statusesWithData: ReadonlySet<string | null> = new Set(['active', 'available']);

/** The answer to a request in the style `document`. The call's path is the whole path. */
export function answerDocument(call: ApiRequest, catalog: Catalog, options: HandlerOptions): Answer {
  const outcome = answerPath(call, catalog, options);
  if (!('failure' in outcome)) return outcome;
  const { method, headers } = call.request;
  return renderFailure(outcome.failure, { api: 1, method, accept: headers.get('accept') });
}

function answerPath(
  call: ApiRequest,
  catalog: Catalog,
  options: HandlerOptions,
): Answer | { readonly failure: ErrorAnswer } {
  const found = findRoute(call.path);
  if (found === undefined) return { failure: { status: 404 } };
  const failure = findMethodFailure(found, call.request.method);
  if (failure !== null) return { failure };
  if (found.kind === 'index' || found.kind === 'detail') {
    const page = listImages(catalog, call.query, options.view);
    return 'failure' in page ? page : answerImages(page.images, renderDocumentDetail);
  }
  return found.kind === 'image' ? answerImage(found.id, call, catalog, options) : { failure: { status: 404 } };
}

/** HEAD gets the headers of GET; the caller drops the body. */
function answerImage(
  id: string,
  { request }: ApiRequest,
  catalog: Catalog,
  options: HandlerOptions,
): Answer | { readonly failure: ErrorAnswer } {
  const entry = findReadable(catalog, id, options.view);
  if (entry === undefined) return { failure: noSuchImage(id) };
  if (!statusesWithData.has(entry.image.status))
    return { failure: { status: 404, detail: `Image ${id} is not active` } };
  const ranges = options.ranges && request.method === 'GET';
  return answerData({ request, entry, metadata: (size) => renderDocumentHeaders(entry, size), ranges });
}

/** An image's record in a list: a real server's, with the specification's times. */
function renderDocumentDetail(entry: CatalogImage): Json {
  const { created_at, updated_at, deleted_at } = entry.image;
  return {
    ...(renderDetail(entry) as { readonly [key: string]: Json }),
    created_at: toDocumentTime(created_at),
    updated_at: toDocumentTime(updated_at),
    deleted_at: toDocumentTime(deleted_at),
  };
}

/** Metadata in the specification's order and spelling: times keep their underscore, the other names have dashes. */
function renderDocumentHeaders({ image }: CatalogImage, size: number): readonly HeaderPair[] {
  const fields: [string, string | number | null][] = [
    ['name', image.name],
    ['disk-format', image.disk_format],
    ['container-format', image.container_format],
    ['size', size],
    ['checksum', image.checksum],
    ['location', image.direct_url],
    ['created_at', toDocumentTime(image.created_at)],
    ['updated_at', toDocumentTime(image.updated_at)],
    ['deleted_at', toDocumentTime(image.deleted_at)],
    ['status', image.status],
    ['is-public', String(image.visibility === 'public')],
    ['min-ram', image.min_ram],
    ['min-disk', image.min_disk],
    ['owner', image.owner ?? 'null'],
  ];
  const properties = Object.entries(image.properties).map(
    ([key, value]) => [`property-${key.toLowerCase()}`, value] as const,
  );
  const headers = new Map<string, string>();
  for (const [name, value] of [...fields, ...properties]) {
    const text = value === null ? null : toHeaderValue(String(value));
    if (text !== null && isHeaderName(name)) headers.set(`x-image-meta-${name}`, text);
  }
  const etag = image.checksum === null ? null : toHeaderValue(image.checksum);
  return etag === null ? [...headers] : [...headers, ['ETag', etag]];
}

/** Such as `2010-02-03 09:34:01`; empty for null. */
function toDocumentTime(time: string | null): string {
  return time === null ? '' : toV1Time(time).slice(0, 19).replace('T', ' ');
}

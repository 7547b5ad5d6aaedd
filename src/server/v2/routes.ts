// Paths and methods of API v2. @see Glance 25, glance/api/v2/router.py
import type { ErrorAnswer } from '../answers/failure.ts';

/** Schemas by their names in paths. */
export type SchemaName = 'image' | 'images' | 'member' | 'members';

/** What a path below the version resolves to. */
export type V2Route =
  | { readonly kind: 'images' | 'import' | 'stores' | 'usage' }
  | { readonly kind: 'image' | 'file' | 'members' | 'tasks'; readonly id: string }
  | { readonly kind: 'member'; readonly id: string; readonly project: string }
  | { readonly kind: 'schema'; readonly name: SchemaName }
  /** A path that can only be written to. */
  | { readonly kind: 'action' };

interface Resource {
  readonly path: RegExp;
  readonly route: (id: string, last: string) => V2Route;
  /** Refused methods, with Glance's name for the action. */
  readonly writes?: Readonly<Record<string, string>>;
}

const resources: readonly Resource[] = [
  { path: /^\/images$/, route: () => ({ kind: 'images' }), writes: { POST: 'add_image' } },
  {
    path: /^\/images\/([^/]+)$/,
    route: (id) => ({ kind: 'image', id }),
    writes: { PATCH: 'modify_image', DELETE: 'delete_image' },
  },
  { path: /^\/images\/([^/]+)\/file$/, route: (id) => ({ kind: 'file', id }), writes: { PUT: 'upload_image' } },
  { path: /^\/images\/([^/]+)\/members$/, route: (id) => ({ kind: 'members', id }), writes: { POST: 'add_member' } },
  {
    path: /^\/images\/([^/]+)\/members\/([^/]+)$/,
    route: (id, project) => ({ kind: 'member', id, project }),
    writes: { PUT: 'modify_member', DELETE: 'delete_member' },
  },
  { path: /^\/images\/([^/]+)\/tasks$/, route: (id) => ({ kind: 'tasks', id }) },
  {
    path: /^\/images\/([^/]+)\/actions\/(?:deactivate|reactivate)$/,
    route: () => ({ kind: 'action' }),
    writes: { POST: 'deactivate' },
  },
  {
    path: /^\/images\/([^/]+)\/tags\/([^/]+)$/,
    route: () => ({ kind: 'action' }),
    writes: { PUT: 'modify_image', DELETE: 'modify_image' },
  },
  {
    path: /^\/images\/([^/]+)\/stage$/,
    route: () => ({ kind: 'action' }),
    writes: { PUT: 'upload_image' },
  },
  { path: /^\/images\/([^/]+)\/import$/, route: () => ({ kind: 'action' }), writes: { POST: 'upload_image' } },
  {
    path: /^\/schemas\/(images?|members?)$/,
    route: (name) => ({ kind: 'schema', name: name as SchemaName }),
  },
  { path: /^\/info\/import$/, route: () => ({ kind: 'import' }) },
  { path: /^\/info\/stores$/, route: () => ({ kind: 'stores' }) },
  { path: /^\/info\/usage$/, route: () => ({ kind: 'usage' }) },
];

/**
 * The route of a request, or why it is refused. API v2 has no HEAD. Methods that write are known, and refused because this
 * server is read-only. A path with a slash too many has no route.
 * @param path decoded
 * @see recorded exchanges `list-method-*`, `file-head`, `show-slash`, `file-private-as-reader` (under stricter
 * policies)
 */
export function findV2Route(path: string, method: string): V2Route | { readonly failure: ErrorAnswer } {
  for (const resource of resources) {
    const match = resource.path.exec(path);
    if (match === null) continue;
    const route = resource.route(match[1] ?? '', match[2] ?? '');
    if (method === 'GET' && route.kind !== 'action') return route;
    const action = resource.writes?.[method];
    if (action !== undefined) {
      return { failure: { status: 403, explanation: `You are not authorized to complete ${action} action.` } };
    }
    const reads = route.kind === 'action' ? [] : ['GET'];
    return { failure: { status: 405, allow: [...reads, ...Object.keys(resource.writes ?? {})].join(', ') } };
  }
  return { failure: { status: 404 } };
}

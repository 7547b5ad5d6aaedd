// Paths and methods of API v1. @see Glance 16, glance/api/v1/router.py
import type { ErrorAnswer } from '../answers/failure.ts';

/** What a path below the version resolves to. */
export type Route =
  /** `/v1`, without slash. */
  | { readonly kind: 'top' }
  | { readonly kind: 'root' }
  | { readonly kind: 'index' }
  | { readonly kind: 'detail' }
  | { readonly kind: 'image'; readonly id: string }
  | { readonly kind: 'members'; readonly id: string }
  | { readonly kind: 'member'; readonly id: string }
  | { readonly kind: 'shared'; readonly project: string };

/** The route of a decoded path; undefined if there is none, as for a path with a slash too many. */
export function findRoute(path: string): Route | undefined {
  if (path === '') return { kind: 'top' };
  if (path === '/') return { kind: 'root' };
  if (path === '/images') return { kind: 'index' };
  if (path === '/images/detail') return { kind: 'detail' };
  const [, collection, id = '', members, member] =
    /^\/(images|shared-images)\/([^/]+)(?:\/(members)(?:\/([^/]+))?)?$/.exec(path) ?? [];
  if (collection === 'shared-images') return members === undefined ? { kind: 'shared', project: id } : undefined;
  if (collection === undefined) return undefined;
  if (members === undefined) return { kind: 'image', id };
  return member === undefined ? { kind: 'members', id } : { kind: 'member', id };
}

interface Methods {
  readonly read: readonly string[];
  /** Known methods, refused because this server is read-only. */
  readonly write: readonly string[];
  readonly allow: string;
}

/** Routes without an entry treat any method as GET. */
const methodsOf: { readonly [kind in Route['kind']]?: Methods } = {
  index: { read: ['GET'], write: ['POST'], allow: 'GET, POST' },
  detail: { read: ['GET'], write: [], allow: 'GET, HEAD' },
  image: { read: ['GET', 'HEAD'], write: ['PUT', 'DELETE'], allow: 'GET, HEAD, PUT, DELETE' },
  members: { read: ['GET'], write: ['PUT'], allow: 'GET, PUT' },
  member: { read: [], write: ['PUT', 'DELETE'], allow: 'GET, PUT, DELETE' },
};

/** Why a method is refused, or null. @see recorded exchanges `head-list`, `head-detail`, `member-get`, `auth-read-only-delete` */
export function findMethodFailure({ kind }: Route, method: string): ErrorAnswer | null {
  const methods = methodsOf[kind];
  if (methods === undefined || methods.read.includes(method)) return null;
  if (methods.write.includes(method)) return { status: 403, detail: 'Read-only access' };
  // The router knows these two methods, but the code behind it does not.
  if (kind === 'detail' && method === 'HEAD') return { status: 405, allow: 'GET' };
  if (kind === 'member' && method === 'GET') return { status: 405 };
  return { status: 405, allow: methods.allow };
}

// Which API a path or an Accept header asks for, and the list of those there are.
import type { Answer, ApiVersion } from './answers/answer.ts';
import { toPythonJson } from './answers/python-json.ts';

/** What a server with API v1 alone lists. @see Glance 16, glance/api/versions.py */
export const v1Versions: readonly ApiVersion[] = [
  { id: 'v1.1', status: 'DEPRECATED', path: 'v1' },
  { id: 'v1.0', status: 'DEPRECATED', path: 'v1' },
];

/** What a server with API v2 alone lists. @see recorded exchange `versions-root` */
export const v2Versions: readonly ApiVersion[] = Array.from({ length: 17 }, (_, index) => ({
  id: `v2.${String(16 - index)}`,
  status: index === 0 ? 'CURRENT' : 'SUPPORTED',
  path: 'v2',
}));

const acceptPrefix = 'application/vnd.openstack.images-';

/** What a request is for. `rest` is the path below the version, empty or beginning with a slash. */
export type Destination =
  | { readonly kind: 'v1' | 'v2'; readonly rest: string }
  | { readonly kind: 'health' }
  /** `explicit`: the list was asked for by name. */
  | { readonly kind: 'versions'; readonly explicit: boolean };

/**
 * Where a request goes: by its Accept header if that names a version, else by the first part of its path.
 * @param path decoded, without query
 * @param versions those that are served
 * @see Glance 16, glance/api/middleware/version_negotiation.py
 */
export function findDestination(
  path: string,
  accept: string | undefined,
  versions: readonly ApiVersion[],
): Destination {
  const [, name = '', rest = ''] = /^\/*([^/]*)(.*)$/s.exec(path) ?? [];
  if (name === 'versions') return { kind: 'versions', explicit: true };
  if (name === 'healthcheck' && rest === '') return { kind: 'health' };
  const isAccepted = accept?.startsWith(acceptPrefix) === true;
  const wanted = isAccepted ? accept.slice(acceptPrefix.length) : name;
  const version = versions.find((each) => each.id === wanted || each.path === wanted);
  if (version === undefined) return { kind: 'versions', explicit: false };
  return { kind: version.path, rest: isAccepted ? path : rest };
}

/** The list of versions: 200 where it was asked for by name, else 300. `origin` as `http://host:port`. */
export function listVersions(versions: readonly ApiVersion[], origin: string, explicit: boolean): Answer {
  const list = versions.map(({ id, status, path }) => {
    return { status, id, links: [{ href: `${origin}/${path}/`, rel: 'self' }] };
  });
  const body = toPythonJson({ versions: list });
  return {
    status: explicit ? 200 : 300,
    statusText: explicit ? 'OK' : 'Multiple Choices',
    headers: [
      ['Content-Type', 'application/json'],
      ['Content-Length', String(body.length)],
    ],
    body,
  };
}

// Finds the API that a path or an Accept header requests, and lists the versions that are served.
import type { Answer, ApiVersion } from './answers/answer.ts';
import { toPythonJson } from './answers/python-json.ts';

/** The list of a server with API v1 only. @see Glance 16, glance/api/versions.py */
export const v1Versions: readonly ApiVersion[] = [
  { id: 'v1.1', status: 'DEPRECATED', path: 'v1' },
  { id: 'v1.0', status: 'DEPRECATED', path: 'v1' },
];

/** The list of a server with API v2 only. @see recorded exchange `versions-root` */
export const v2Versions: readonly ApiVersion[] = Array.from({ length: 17 }, (_, index) => ({
  id: `v2.${String(16 - index)}`,
  status: index === 0 ? 'CURRENT' : 'SUPPORTED',
  path: 'v2',
}));

const acceptPrefix = 'application/vnd.openstack.images-';

/** What a request resolves to. `rest` is the path below the version, empty or beginning with a slash. */
type Destination =
  | { readonly kind: 'v1' | 'v2'; readonly rest: string }
  | { readonly kind: 'health' }
  /** `explicit`: the list itself was requested. */
  | { readonly kind: 'versions'; readonly explicit: boolean };

/**
 * What a request resolves to: the Accept header decides if it names a version, otherwise the first segment of the path.
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

/** The list of versions: 200 if it was requested explicitly, otherwise 300. `origin` is `http://host:port`. */
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

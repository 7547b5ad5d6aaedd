// Parses an image's full URI.
import { dropTail } from '../text/drop-tail.ts';

interface ImageUri {
  /** Everything before `/images/…`: the base of the API, without a slash at the end. */
  readonly base: URL;
  readonly id: string;
}

/**
 * Parses `http://host/v1/images/ID`, `https://host/image/v2/images/ID`, `http://host/images/1`, with or without `/file`
 * at the end. Undefined for any other text.
 */
export function parseImageUri(text: string): ImageUri | undefined {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const match = /^(.*)\/images\/([^/]+)(?:\/file)?\/?$/.exec(url.pathname);
  const [, prefix, encodedId] = match ?? [];
  if (prefix === undefined || encodedId === undefined || encodedId === 'detail') return undefined;
  const id = decode(encodedId);
  if (id === undefined) return undefined;
  return { base: new URL(prefix === '' ? '/' : prefix, url.origin), id };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `base` with path segments appended, each percent-encoded. A path prefix of `base` is kept. */
export function join(base: URL, ...segments: string[]): URL {
  const url = new URL(base);
  url.search = '';
  url.hash = '';
  url.username = '';
  url.password = '';
  url.pathname = [dropTail(url.pathname, /\//), ...segments.map(encodeURIComponent)].join('/');
  return url;
}

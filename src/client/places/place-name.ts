// Which place is meant by what is written for it: a path, or a URL. Nothing of what can be done there is loaded for it.
import { GlanceError } from '../../errors.ts';
import { absolutePath } from '../../local/places.ts';
import { formatS3Url, parseS3Url } from '../../s3/url.ts';

/** A place that is named. */
export interface PlaceName {
  readonly kind: 'directory' | 'bucket';
  /** An absolute path, or the URL of a bucket. */
  readonly name: string;
}

/** No path is taken for one: where a directory has such a name, `./` before it says so. */
const scheme = /^([a-z][a-z0-9+.-]*):\/\//i;

/**
 * What is meant by a text: `s3://BUCKET[/PREFIX]`, or else the path of a directory.
 * @param cwd where relative paths start; null if there is no working directory
 * @throws GlanceError `usage.argument` for a URL of another kind; `io.missing` for a relative path that has nothing to start from
 */
export function parsePlace(text: string, cwd: string | null): PlaceName {
  const kind = scheme.exec(text)?.[1];
  if (kind === undefined) return { kind: 'directory', name: absolutePath(cwd, text) };
  if (kind === 's3') return { kind: 'bucket', name: formatS3Url(parseS3Url(text)) };
  throw new GlanceError('usage.argument', `unknown kind of place: "${text}"`, {
    hint: 'name a directory, or a bucket as s3://BUCKET/PREFIX; a directory of that name is ./NAME',
  });
}

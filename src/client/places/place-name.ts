// Tells which place a path or a URL names, without loading any code that works there.
import { GlanceError } from '../../errors.ts';
import { maskLocation } from '../../http/secrets/redact.ts';
import { absolutePath } from '../../local/places.ts';
import { formatS3Url, isS3Url, parseS3Url } from '../../s3/url.ts';

/** A place that is named. */
export interface PlaceName {
  readonly kind: 'directory' | 'bucket';
  /** An absolute path, or the URL of a bucket. */
  readonly name: string;
}

/** Anything that looks like a URL is taken for one; a directory with such a name is written with `./`. */
const scheme = /^[a-z][a-z0-9+.-]*:\/\//i;

/**
 * The place that a text names: `s3://BUCKET[/PREFIX]`, or else the path of a directory.
 * @param cwd where relative paths start; null if there is no working directory
 * @throws GlanceError `usage.argument` for a URL of another kind; `io.missing` for a relative path that has nothing to start from
 */
export function parsePlace(text: string, cwd: string | null): PlaceName {
  if (isS3Url(text)) return { kind: 'bucket', name: formatS3Url(parseS3Url(text)) };
  if (!scheme.test(text)) return { kind: 'directory', name: absolutePath(cwd, text) };
  throw new GlanceError('usage.argument', `unknown kind of place: "${maskLocation(text)}"`, {
    hint: 'name a directory, or a bucket as s3://BUCKET/PREFIX; a directory of that name is ./NAME',
  });
}

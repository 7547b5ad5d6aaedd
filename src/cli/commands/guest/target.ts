// What `files` and `cat` refer to: an image, and a path within it.
import { findNamed } from '../../../client/inspect/find-named.ts';
import { type Guest, withGuest } from '../../../client/guest/open-guest.ts';
import { GlanceError } from '../../../errors.ts';
import type { Context } from '../../context.ts';
import type { FilesOptions } from '../../options/guest-options.ts';

interface Target {
  readonly image: string;
  /** Null if none was given. */
  readonly path: string | null;
}

/** Matches if the colon belongs to a URL or to a Windows drive. */
const scheme = /^[a-z][a-z0-9+.-]*$/i;

/**
 * What one or two arguments mean. A single one is split at its last `:/`, unless that belongs to `http://…` or `C:/…`.
 * @throws GlanceError `usage.argument` for standard input
 */
export function parseTarget(text: string, path: string | undefined): Target {
  const target = path === undefined ? splitTarget(text) : { image: text, path };
  if (target.image === '-') {
    throw new GlanceError(
      'usage.argument',
      'looking into a disk needs random access, which standard input does not allow',
      {
        hint: 'save it to a file first',
      },
    );
  }
  return target;
}

function splitTarget(text: string): Target {
  const at = text.lastIndexOf(':/');
  const [image, path] = [text.slice(0, at), text.slice(at + 1)];
  const isWhole = at < 1 || (path.startsWith('//') && scheme.test(image)) || /^[a-z]$/i.test(image);
  return isWhole ? { image: text, path: null } : { image, path };
}

/**
 * Opens the files in an image, and does some work with them.
 * @throws what `findNamed`, `withGuest` and the work throw
 */
export async function openTarget<T>(
  context: Context,
  image: string,
  options: FilesOptions,
  work: (guest: Guest) => Promise<T>,
): Promise<T> {
  const { connection } = context;
  const { latest = false, s3Endpoint, ...how } = options;
  const named = await findNamed(connection, image, { latest, choose: context.choose, s3Endpoint });
  const onTrouble = (message: string): void => context.warn(`part of the disk may be missing: ${message}`);
  return await withGuest(connection, named, { ...how, onTrouble }, connection.signal, work);
}

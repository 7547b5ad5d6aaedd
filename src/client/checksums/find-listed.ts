// Finds the entry of a file in a list of checksums.
import type { Digest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import { nearestNames } from '../../text/nearest.ts';
import { shorten } from '../../text/shorten.ts';
import type { ListedDigest } from './parse-list.ts';

/** A list, and its name in messages. */
export interface ChecksumList {
  /** Without credentials. */
  readonly source: string;
  readonly listed: readonly ListedDigest[];
}

/** Maximum number of names in a message. */
const mostNamed = 3;

/**
 * The digests of a file, the strongest first: those of the entry with exactly that name, or else of the entry whose
 * path ends in it. If the list is a single digest and nothing else, that one.
 * @throws GlanceError `integrity.unprovable` if there are none; `integrity.contradiction` if two entries of that name
 * differ
 */
export function findListed({ source, listed }: ChecksumList, name: string): readonly Digest[] {
  const [only] = listed;
  if (listed.length === 1 && only?.name === null) return [only.digest];
  const same = listed.filter((each) => each.name === name);
  const found = same.length > 0 ? same : listed.filter((each) => each.name?.endsWith(`/${name}`) === true);
  if (found.length === 0) throw noEntry({ source, listed }, name);
  const digests = new Map<string, Digest>();
  for (const { digest } of found) {
    const other = digests.get(digest.algorithm);
    if (other !== undefined && other.hex !== digest.hex) throw contradiction(source, name, digest.algorithm);
    digests.set(digest.algorithm, digest);
  }
  return [...digests.values()].toSorted((left, right) => right.hex.length - left.hex.length);
}

function noEntry({ source, listed }: ChecksumList, name: string): GlanceError {
  const names = [...new Set(listed.map((each) => each.name ?? ''))].filter((each) => each !== '');
  if (names.length === 0) {
    return new GlanceError('integrity.unprovable', `${source} is not a list of checksums`, {
      hint: 'look at it: it may be a web page, or only a signature',
    });
  }
  const near = nearestNames(name, names);
  const shown = near.length > 0 ? near : names.slice(0, mostNamed);
  const some = shown.map((each) => `"${shorten(each)}"`).join(', ');
  const more = shown.length < names.length ? ', …' : '';
  return new GlanceError('integrity.unprovable', `${source} has no checksum for "${shorten(name)}"`, {
    hint: `it has checksums for ${some}${more}: if you mean one of these, give its name as \`againstName\``,
  });
}

function contradiction(source: string, name: string, algorithm: string): GlanceError {
  return new GlanceError(
    'integrity.contradiction',
    `${source} has two different ${algorithm} digests of "${shorten(name)}"`,
    {
      hint: 'if they are for files in different directories, give the path of one as `againstName`',
    },
  );
}

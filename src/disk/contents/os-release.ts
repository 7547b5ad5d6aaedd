// Identifies the operating system by os-release.
// @see https://www.freedesktop.org/software/systemd/man/latest/os-release.html
import type { Reads } from '../blocks/reading.ts';
import type { OperatingSystem } from './contents.ts';
import type { GuestTree } from './guest-tree.ts';
import { linesOf, valueOf, wordsOf } from './lines.ts';

/** In the order in which they are tried. */
export const osReleasePaths = ['/etc/os-release', '/usr/lib/os-release'] as const;
const maxBytes = 16 * 1024;
const mostLike = 16;

/** The operating system in a tree, without its architecture; null if nothing identifies it. @throws UnreadableError */
export function* readOperatingSystem(tree: GuestTree): Reads<OperatingSystem | null> {
  for (const path of osReleasePaths) {
    const text = yield* tree.text(path, maxBytes);
    if (text !== null) return parseOsRelease(text);
  }
  return null;
}

/** Parses an os-release; unset values are null, and so is the architecture. */
function parseOsRelease(text: string): OperatingSystem {
  const values = new Map<string, string>();
  for (const line of linesOf(text)) {
    const equals = line.indexOf('=');
    if (equals > 0) values.set(line.slice(0, equals), unquote(line.slice(equals + 1)));
  }
  const value = (name: string): string | null => valueOf(values.get(name));
  return {
    id: value('ID') ?? 'linux',
    id_like: wordsOf(values.get('ID_LIKE') ?? '')
      .slice(0, mostLike)
      .map((word) => valueOf(word) ?? ''),
    version_id: value('VERSION_ID'),
    name: value('NAME') ?? 'Linux',
    pretty_name: value('PRETTY_NAME'),
    codename: value('VERSION_CODENAME'),
    architecture: null,
  };
}

/** Unquotes much as a shell would: quotes around the whole value, and backslashes before special characters. */
function unquote(text: string): string {
  const quote = text.charAt(0);
  const isQuoted = text.length >= 2 && (quote === '"' || quote === "'") && text.endsWith(quote);
  const inner = isQuoted ? text.slice(1, -1) : text;
  return quote === "'" && isQuoted ? inner : inner.replace(/\\(["'$`\\])/g, '$1');
}

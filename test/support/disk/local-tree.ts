// A directory of this machine, in the same terms as files within an image.
import { createHash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { SeenFile } from './guests/guest-walk.ts';

/** What file systems of all kinds record about a file. */
export type KeptFacts = Pick<SeenFile, 'type' | 'content'> & { readonly size: number | null };

/** Without the size of a directory, which means nothing. */
export function keptFacts({ type, size, content }: SeenFile): KeptFacts {
  return { type, size: type === 'file' ? size : null, content };
}

/** All files below a directory, by their paths without a leading `/`; no link is followed. */
export function readLocalTree(root: string): ReadonlyMap<string, KeptFacts> {
  const seen = new Map<string, KeptFacts>();
  const waiting = [''];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const entry of readdirSync(join(root, directory), { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) waiting.push(path);
      seen.set(path, factsOf(join(root, path), entry));
    }
  }
  return seen;
}

function factsOf(path: string, entry: Dirent): KeptFacts {
  if (entry.isDirectory()) return { type: 'directory', size: null, content: '-' };
  if (entry.isSymbolicLink()) return { type: 'link', size: null, content: readlinkSync(path) };
  const bytes = readFileSync(path);
  return { type: 'file', size: bytes.length, content: createHash('sha256').update(bytes).digest('hex') };
}

// Opens the files within an image as the program does, and collects everything that can be seen of them.
import { createHash } from 'node:crypto';
import { Connection } from '../../../../src/client/connection.ts';
import type { GuestFile } from '../../../../src/client/guest/guest-file.ts';
import { listFiles } from '../../../../src/client/guest/list-files.ts';
import { type Guest, type GuestOptions, withGuest as openWithin } from '../../../../src/client/guest/open-guest.ts';
import { findWithin } from '../../../../src/client/guest/read-file.ts';
import { findNamed } from '../../../../src/client/inspect/find-named.ts';
import { bareSystem } from '../../../../src/client/system.ts';

/** Opens the files within an image file. @returns the result of the work */
export async function withGuest<T>(
  path: string,
  work: (guest: Guest) => Promise<T>,
  options: GuestOptions = {},
): Promise<T> {
  const connection = new Connection({ system: bareSystem() });
  const named = await findNamed(connection, path, { latest: false });
  return await openWithin(connection, named, options, connection.signal, work);
}

/** All entries of a directory. */
export async function listAll(guest: Guest, path: string): Promise<readonly GuestFile[]> {
  const files: GuestFile[] = [];
  for await (const page of listFiles(guest, path)) files.push(...page);
  return files;
}

/** SHA-256 of a file, or of its first `most` bytes, a multiple of 4 MiB. */
export async function digestOf(guest: Guest, path: string, most = Number.POSITIVE_INFINITY): Promise<string> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of (await findWithin(guest, path)).chunks()) {
    hash.update(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return hash.digest('hex');
}

/** A file of a tree: how it is listed, and its content: a digest, the target of a link, or `-`. */
export interface SeenFile extends GuestFile {
  readonly content: string;
}

/** All files, by their paths without a leading `/`. @param most bytes to read of each */
export async function walkGuest(guest: Guest, most?: number): Promise<ReadonlyMap<string, SeenFile>> {
  const seen = new Map<string, SeenFile>();
  const waiting = [''];
  for (let directory = waiting.pop(); directory !== undefined; directory = waiting.pop()) {
    for (const file of await listAll(guest, `/${directory}`)) {
      const path = directory === '' ? file.name : `${directory}/${file.name}`;
      if (file.type === 'directory') waiting.push(path);
      const content = file.type === 'file' ? await digestOf(guest, path, most) : (file.target ?? '-');
      seen.set(path, { ...file, content });
    }
  }
  return seen;
}

// The image files of a directory, or of a mirror, and what is known of each without reading its data.
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { GlanceError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { parseSidecar } from '../image/sidecar.ts';
import { indexName, recordName } from '../mirror/index-file.ts';
import { readIndex } from '../mirror/verify.ts';
import { deriveImage } from './derive.ts';
import { type FileIdentity, identify, openRegular } from './image-bytes.ts';
import { errnoOf, toCatalogError } from './io-error.ts';

const sidecarSuffix = '.json';
const maxSidecarBytes = 1024 * 1024;

/** The data of an image and where its metadata may be. */
export interface ImageFiles {
  readonly path: string;
  readonly sidecar: string;
  /** Of a mirror: what its index tells. Null where nobody has vouched for the file. */
  readonly listed: { readonly sha512: string | null; readonly record: string } | null;
}

/** A directory as it was looked at. */
export interface Listing {
  readonly files: readonly ImageFiles[];
  /** Of a mirror: changes with its index. Null for a plain directory, which has to be looked at file by file. */
  readonly version: string | null;
}

/** What an image file is, without its digests. */
export interface ImageFile {
  readonly path: string;
  readonly identity: FileIdentity;
  /** Changes with the file or its sidecar. */
  readonly version: string;
  /** Digests are those of the sidecar, null where it has none. */
  readonly image: Image;
}

/**
 * The image files of a directory: every regular file directly in it but dot files, part files, lists of checksums and `*.json`,
 * by name. Of a mirror what its index lists.
 * @param known version of a mirror that need not be read again
 * @returns null if the mirror is still that
 * @throws GlanceError `io.*`; `metadata.invalid` for an index that is none
 */
export async function listDirectory(directory: string, known: string | null): Promise<Listing | null> {
  try {
    const root = await realpath(directory);
    const version = await versionOf(join(root, indexName));
    if (version !== null) return version === known ? null : { files: await listMirror(root), version };
    const entries = await readdir(root, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && isImageName(entry.name)).map((entry) => entry.name);
    const files = names
      .toSorted()
      .map((name) => ({ path: join(root, name), sidecar: join(root, name + sidecarSuffix), listed: null }));
    return { files, version: null };
  } catch (error) {
    throw toCatalogError(error, directory);
  }
}

async function listMirror(root: string): Promise<readonly ImageFiles[]> {
  const { entries } = await readIndex(root);
  return [...entries.values()].map(({ id, file, record, digests }) => {
    const sha512 = digests.find(({ algorithm }) => algorithm === 'sha512')?.hex ?? null;
    return { path: join(root, file), sidecar: join(root, id, recordName), listed: { sha512, record } };
  });
}

function isImageName(name: string): boolean {
  return !/^\.|\.part$|\.json$|^(?:MD5|SHA\d{1,3}|B2)SUMS$/i.test(name);
}

/** Null where there is no such file. */
async function versionOf(path: string): Promise<string | null> {
  try {
    const { ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [ino, size, mtimeNs].join(' ');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  }
}

/**
 * Looks at one file. What the sidecar leaves out or, of what the file tells, sets to null is derived; a mirror's record is taken
 * as it is. Symbolic links are not followed.
 * @param known what it was, which is returned if it still is
 * @throws GlanceError `io.*`; `json.invalid` or `metadata.invalid` naming the sidecar
 */
export async function readImageFile(files: ImageFiles, known: ImageFile | undefined): Promise<ImageFile> {
  const { path, sidecar: sidecarPath } = files;
  const sidecarVersion = files.listed?.record ?? (await versionOf(sidecarPath)) ?? '';
  if (known !== undefined && toVersion(await lookAt(path), sidecarVersion) === known.version) return known;
  const identity = await identifyFile(path);
  const version = toVersion(identity, sidecarVersion);
  const sidecar = await readSidecar(sidecarPath);
  const size = Number(identity.size);
  if (typeof sidecar.size === 'number' && sidecar.size !== size) {
    const text = `${sidecarPath}: "size" is ${String(sidecar.size)}, but the file has ${String(size)} bytes`;
    throw new GlanceError('metadata.invalid', text, { hint: 'the file is damaged, or the sidecar is another image’s' });
  }
  const derived = deriveImage({ name: basename(path), size, mtimeMs: Number(identity.mtimeNs / 1_000_000n) });
  return { path, identity, version, image: { ...derived, ...keepKnown(sidecar) } };
}

function toVersion({ dev, ino, size, mtimeNs }: FileIdentity, sidecar: string): string {
  return [dev, ino, size, mtimeNs, sidecar].join(' ');
}

/** Without opening it: enough to tell whether it is the same. */
async function lookAt(path: string): Promise<FileIdentity> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    throw toCatalogError(error, path);
  }
}

async function identifyFile(path: string): Promise<FileIdentity> {
  try {
    const handle = await openRegular(path);
    try {
      if (!(await handle.stat()).isFile()) throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
      return await identify(handle);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw toCatalogError(error, path);
  }
}

/** Null is no answer where the file gives one. */
function keepKnown(sidecar: Partial<Image>): Partial<Image> {
  const derivable = new Set(['id', 'size', 'status', 'created_at', 'updated_at']);
  return Object.fromEntries(Object.entries(sidecar).filter(([key, value]) => value !== null || !derivable.has(key)));
}

/** What the sidecar says, which is nothing where there is none. */
async function readSidecar(path: string): Promise<Partial<Image>> {
  try {
    const handle = await openRegular(path);
    try {
      const status = await handle.stat();
      if (!status.isFile()) throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
      if (status.size > maxSidecarBytes) throw new GlanceError('metadata.invalid', `${path}: too large to be metadata`);
      // An empty one says nothing: a shell makes it so before anything is written to it.
      return status.size === 0 ? {} : parseSidecar(await handle.readFile('utf8'), path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return {};
    throw toCatalogError(error, path);
  }
}

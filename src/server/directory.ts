// How a directory of image files becomes a catalog.
import { createHash } from 'node:crypto';
import { type FileHandle, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { GlanceError } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { type Catalog, type CatalogImage, makeCatalog } from './catalog.ts';
import { deriveImage } from './derive.ts';
import { fileBytes, identify, isSameFile, openRegular } from './image-bytes.ts';
import { errnoOf, toCatalogError } from './io-error.ts';
import { parseSidecar } from '../image/sidecar.ts';
import { recordName } from '../mirror/index-file.ts';
import { readIndex } from '../mirror/verify.ts';

const sidecarSuffix = '.json';
const maxSidecarBytes = 1024 * 1024;
const hashChunkBytes = 1024 * 1024;

/**
 * The images in a directory: every regular file directly in it but dot files, part files, lists of checksums and `*.json`.
 * `FILE.json` gives metadata; what it leaves out or, of what the file tells, sets to null is derived. Files without a known MD5
 * are read once. Of a mirror it is what its index lists. Symbolic links are neither followed nor served.
 * @param signal aborts the reading
 * @throws GlanceError `io.*`; `json.invalid` or `metadata.invalid` naming the sidecar; the signal's reason
 */
export async function loadCatalog(directory: string, signal?: AbortSignal): Promise<Catalog> {
  const catalog: CatalogImage[] = [];
  const fileOfId = new Map<string, string>();
  for (const files of await listImageFiles(directory)) {
    const { path } = files;
    // oxlint-disable-next-line no-await-in-loop -- one after the other is how a disk reads best
    const entry = await loadImage(files, signal);
    const other = fileOfId.get(entry.image.id);
    if (other !== undefined) {
      throw new GlanceError('metadata.invalid', `${path} and ${other} have the same id, ${entry.image.id}`);
    }
    fileOfId.set(entry.image.id, path);
    catalog.push(entry);
  }
  return makeCatalog(catalog);
}

/** The data of an image and where its metadata may be. */
interface ImageFiles {
  readonly path: string;
  readonly sidecar: string;
}

async function listImageFiles(directory: string): Promise<readonly ImageFiles[]> {
  try {
    const root = await realpath(directory);
    const mirrored = await listMirror(root);
    if (mirrored !== null) return mirrored;
    const entries = await readdir(root, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isFile() && isImageName(entry.name)).map((entry) => entry.name);
    return names.toSorted().map((name) => ({ path: join(root, name), sidecar: join(root, name + sidecarSuffix) }));
  } catch (error) {
    throw toCatalogError(error, directory);
  }
}

/** What the index of a mirror lists; null where there is none. */
async function listMirror(root: string): Promise<readonly ImageFiles[] | null> {
  try {
    const { entries } = await readIndex(root);
    return [...entries.values()].map(({ id, file }) => ({
      path: join(root, file),
      sidecar: join(root, id, recordName),
    }));
  } catch (error) {
    if (error instanceof GlanceError && error.code === 'io.missing') return null;
    throw error;
  }
}

function isImageName(name: string): boolean {
  return !/^\.|\.part$|\.json$|^(?:MD5|SHA\d{1,3}|B2)SUMS$/i.test(name);
}

async function loadImage(
  { path, sidecar: sidecarPath }: ImageFiles,
  signal: AbortSignal | undefined,
): Promise<CatalogImage> {
  const sidecar = await readSidecar(sidecarPath);
  try {
    const handle = await openRegular(path);
    try {
      return await describeFile(handle, { path, sidecar: sidecarPath }, sidecar, signal);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (signal?.aborted) throw error;
    throw toCatalogError(error, path);
  }
}

async function describeFile(
  handle: FileHandle,
  { path, sidecar: sidecarPath }: ImageFiles,
  sidecar: Partial<Image>,
  signal: AbortSignal | undefined,
): Promise<CatalogImage> {
  if (!(await handle.stat()).isFile()) throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
  const identity = await identify(handle);
  const size = Number(identity.size);
  const name = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  const derived = deriveImage({ name, size, mtimeMs: Number(identity.mtimeNs / 1_000_000n) });
  if (typeof sidecar.size === 'number' && sidecar.size !== size) {
    const text = `${sidecarPath}: "size" is ${String(sidecar.size)}, but the file has ${String(size)} bytes`;
    throw new GlanceError('metadata.invalid', text, { hint: 'the file is damaged, or the sidecar is another image’s' });
  }
  const checksum = sidecar.checksum ?? (await computeMd5(handle, signal));
  if (!isSameFile(await identify(handle), identity)) {
    throw new GlanceError('io.error', `${path} changed while it was read`);
  }
  return { image: { ...derived, ...keepKnown(sidecar), checksum }, data: fileBytes(path, identity), members: [] };
}

/** Null is no answer where the file gives one. */
function keepKnown(sidecar: Partial<Image>): Partial<Image> {
  const derivable = new Set(['id', 'size', 'status', 'created_at', 'updated_at']);
  return Object.fromEntries(Object.entries(sidecar).filter(([key, value]) => value !== null || !derivable.has(key)));
}

async function computeMd5(handle: FileHandle, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('md5');
  const buffer = Buffer.allocUnsafe(hashChunkBytes);
  let position = 0;
  for (;;) {
    signal?.throwIfAborted();
    // oxlint-disable-next-line no-await-in-loop -- a digest is computed in order
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

/** What the sidecar says, which is nothing where there is none. */
async function readSidecar(path: string): Promise<Partial<Image>> {
  try {
    const handle = await openRegular(path);
    try {
      const stat = await handle.stat();
      if (!stat.isFile()) throw new GlanceError('io.not_regular', `${path}: it is not a regular file`);
      if (stat.size > maxSidecarBytes) throw new GlanceError('metadata.invalid', `${path}: too large to be metadata`);
      return parseSidecar(await handle.readFile('utf8'), path);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return {};
    throw toCatalogError(error, path);
  }
}

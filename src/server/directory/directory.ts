// Lists the image files of a directory or a mirror, and finds out about each without reading all of its data.
import { findStatus } from './served-file.ts';
import { readSidecar } from './sidecar.ts';
import { readdir, realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { DetectedFormat } from '../../disk/parsing/finding.ts';
import { FileSource, inspectSource } from '../../disk/source.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { indexName, recordName } from '../../mirror/index-file.ts';
import { readIndex } from '../../mirror/places/directory/read-index.ts';
import { countOf } from '../../text/count.ts';
import { deriveImage } from './derive.ts';
import { keepKnown, sha512Of } from '../images/record.ts';
import { type FileIdentity, identify, versionOfFile } from '../answers/image-bytes.ts';
import { errnoOf } from '../../local/errno.ts';
import { toCatalogError } from './io-error.ts';
import { openServed } from './served-file.ts';

const sidecarSuffix = '.json';
/** The data of an image, and where its metadata may be. */
export interface ImageFiles {
  readonly path: string;
  readonly sidecar: string;
  /** For a mirror: what its index says. Null if nobody has vouched for the file. */
  readonly listed: { readonly sha512: string | null; readonly record: string; readonly size: number } | null;
}

/** A directory as it was found. */
interface DirectoryListing {
  readonly files: readonly ImageFiles[];
  /** Entries that are not image files but might be taken for one. */
  readonly leftOut: readonly LeftOut[];
  /** For a mirror: changes with its index. Null for a plain directory, whose files must be examined one by one. */
  readonly version: string | null;
}

/** An entry that is not served. */
interface LeftOut {
  readonly path: string;
  readonly error: GlanceError;
}

/** An image file, without computed digests. */
export interface ImageFile {
  readonly path: string;
  readonly identity: FileIdentity;
  /** Changes with the file or its sidecar. */
  readonly version: string;
  /** Its digests are those of the sidecar, or null. */
  readonly image: Image;
  /** About how much memory its record takes, bytes. */
  readonly weight: number;
}

/**
 * The image files of a directory, by name: every regular file directly in it, except dot files, part files, lists of
 * checksums and `*.json`. For a mirror, the files that its index lists.
 * @param known version of a mirror that need not be read again
 * @returns null if the mirror still has that version
 * @throws GlanceError `io.*`; `metadata.invalid` for an invalid index
 */
export async function listDirectory(directory: string, known: string | null): Promise<DirectoryListing | null> {
  try {
    const root = await realpath(directory);
    const version = await versionOfIndex(join(root, indexName));
    if (version === null) return { ...(await listPlain(root)), version };
    return version === known ? null : { files: await listMirror(root), leftOut: [], version };
  } catch (error) {
    throw toCatalogError(error, directory);
  }
}

/** Null if there is no index. */
async function versionOfIndex(path: string): Promise<string | null> {
  const status = await findStatus(path);
  if (status !== null && !status.isFile())
    throw new GlanceError('io.not_regular', `${path}: it is not a regular file, as the index of a mirror is`);
  return status === null ? null : versionOfFile(status);
}

async function listPlain(root: string): Promise<Omit<DirectoryListing, 'version'>> {
  const files: ImageFiles[] = [];
  const leftOut: LeftOut[] = [];
  let directories = 0;
  // As bytes, since a name that is not UTF-8 would turn into another one.
  for (const entry of await readdir(root, { withFileTypes: true, encoding: 'buffer' })) {
    const bytes = Buffer.from(entry.name);
    const name = bytes.toString('utf8');
    const path = join(root, name);
    if (!isImageName(name)) continue;
    if (entry.isDirectory()) directories += 1;
    else if (entry.isSymbolicLink()) leftOut.push(leaveOut(path, 'it is a symbolic link, and none is followed'));
    else if (!entry.isFile()) leftOut.push(leaveOut(path, 'it is not a regular file'));
    else if (!bytes.equals(Buffer.from(name)))
      leftOut.push(leaveOut(join(root, showBytes(bytes)), 'its name is not UTF-8', 'io.name'));
    else files.push({ path, sidecar: join(root, name + sidecarSuffix), listed: null });
  }
  if (directories > 0) {
    const text = `${root}: images are not looked for in ${countOf(directories, 'directory', 'directories')} below it`;
    leftOut.push({ path: root, error: new GlanceError('io.not_regular', text) });
  }
  return { files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)), leftOut };
}

function leaveOut(path: string, why: string, code: 'io.not_regular' | 'io.name' = 'io.not_regular'): LeftOut {
  return { path, error: new GlanceError(code, `${path}: not served: ${why}`) };
}

/** A name, with bytes outside ASCII as `\\xe9`. */
function showBytes(bytes: Buffer): string {
  return [...bytes]
    .map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`))
    .join('');
}

async function listMirror(root: string): Promise<readonly ImageFiles[]> {
  const { entries } = await readIndex(root);
  return [...entries.values()].map(({ id, file, record, size, digests }) => {
    const listed = { sha512: sha512Of({ digests }), record, size };
    return { path: join(root, file), sidecar: join(root, id, recordName), listed };
  });
}

function isImageName(name: string): boolean {
  return !/^\.|\.part$|\.json$|^(?:MD5|SHA\d{1,3}|B2)SUMS$/i.test(name);
}

/**
 * Examines one file. What the sidecar lacks is derived from the file, and so is what it sets to null although the file
 * shows it; a mirror's record is taken as it is. Symbolic links are not followed at any level below the directory.
 * @param known the earlier result, which is returned if nothing has changed
 * @throws GlanceError `io.*`; `json.invalid` or `metadata.invalid` naming the sidecar
 */
export async function readImageFile(files: ImageFiles, known: ImageFile | undefined): Promise<ImageFile> {
  const { path, sidecar: sidecarPath } = files;
  try {
    const sidecarVersion = files.listed?.record ?? (await versionOfSidecar(sidecarPath));
    const before = known === undefined ? null : await findStatus(path);
    if (before !== null && toVersion(before, sidecarVersion) === known?.version) return known;
    const record = await readSidecar(sidecarPath, files.listed?.record ?? null);
    const handle = await openServed(path);
    try {
      const identity = await identify(handle);
      checkSize(files, record.sidecar, Number(identity.size));
      const { disk_format, container_format } = record.sidecar;
      const isTold = files.listed !== null || (disk_format !== undefined && container_format !== undefined);
      const format = isTold ? null : await detectFormat(new FileSource(handle, Number(identity.size)));
      const derived = deriveImage({ name: basename(path), ...factsOf(identity), format });
      const image = { ...derived, ...keepKnown(record.sidecar) };
      return { path, identity, version: toVersion(identity, sidecarVersion), image, weight: record.weight };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw new GlanceError('io.missing', `${path}: there is no such file`);
    throw toCatalogError(error, path);
  }
}

async function versionOfSidecar(path: string): Promise<string> {
  const status = await findStatus(path);
  return status === null ? '' : versionOfFile(status);
}

function toVersion(identity: FileIdentity, sidecar: string): string {
  return `${versionOfFile(identity)} ${sidecar}`;
}

function factsOf({ size, mtimeNs }: FileIdentity): { readonly size: number; readonly mtimeMs: number } {
  return { size: Number(size), mtimeMs: Number(mtimeNs / 1_000_000n) };
}

function checkSize({ path, sidecar: file, listed }: ImageFiles, sidecar: Partial<Image>, size: number): void {
  const hint = 'the file is damaged, or the sidecar is another image’s';
  if (typeof sidecar.size === 'number' && sidecar.size !== size) {
    const text = `${file}: "size" is ${String(sidecar.size)}, but the file has ${countOf(size, 'byte')}`;
    throw new GlanceError('metadata.invalid', text, { hint });
  }
  if (listed !== null && listed.size !== size) {
    const text = `${path}: it has ${countOf(size, 'byte')}, but the index says ${String(listed.size)}`;
    throw new GlanceError('metadata.invalid', text, { hint: 'the file is damaged' });
  }
}

/** Format of its bytes; null if it cannot be determined. */
async function detectFormat(source: FileSource): Promise<DetectedFormat | null> {
  try {
    return source.size === 0 ? 'raw' : (await inspectSource(source, true)).format;
  } catch {
    return null;
  }
}

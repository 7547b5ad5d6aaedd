// Writes an SBOM to a file, which gets its name once it is complete.
import { GlanceError } from '../../errors.ts';
import { absolutePath } from '../../local/places.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { toReadError } from '../../transfer/files/io-error.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';
import { openRegular } from '../../transfer/files/small-file.ts';
import { inspectTarget } from '../../transfer/files/target.ts';

/** Enough to recognize a CycloneDX document. */
const startBytes = 4096;

/**
 * Checks the path of the SBOM before anything is read for it: an existing file that is not an SBOM is not overwritten.
 * @param cwd base of relative paths
 * @returns the path of the file, links resolved
 * @throws GlanceError `io.exists`, `io.*`
 */
export async function findSbomPlace(cwd: string | null, path: string): Promise<string> {
  const target = await inspectTarget(absolutePath(cwd, path));
  if (target.kind !== 'file')
    throw new GlanceError('io.not_regular', `${path}: it is not a regular file`, {
      hint: 'name a regular file, or have it printed',
    });
  if (target.existingSize === null || target.existingSize === 0) return target.path;
  const start = await readStart(target.path);
  if (start.includes('"bomFormat"') && start.includes('"CycloneDX"')) return target.path;
  throw new GlanceError('io.exists', `${path}: it is there already, and is not an SBOM`, { hint: 'name another file' });
}

/**
 * Writes it in one step; on failure, an old file stays.
 * @param place from {@link findSbomPlace}
 * @throws GlanceError `io.*`
 */
export async function writeSbom(place: string, text: string): Promise<void> {
  await writeReplacing(nodeFileSystem, place, [text], 0o644);
}

async function readStart(path: string): Promise<string> {
  try {
    const file = await openRegular(nodeFileSystem, path);
    try {
      const buffer = new Uint8Array(startBytes);
      return Buffer.from(buffer.subarray(0, await file.read(buffer, 0, startBytes, 0))).toString();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toReadError(error, path);
  }
}

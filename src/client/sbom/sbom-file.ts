// Where an SBOM is written: a file that has its name once all of it is there.
import { GlanceError } from '../../errors.ts';
import { absolutePath } from '../../local/places.ts';
import { nodeFileSystem } from '../../transfer/files/file-system.ts';
import { toReadError } from '../../transfer/files/io-error.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';
import { openRegular } from '../../transfer/files/small-file.ts';
import { inspectTarget } from '../../transfer/files/target.ts';

/** By then a document of CycloneDX has said what it is. */
const startBytes = 4096;

/**
 * Looks at where an SBOM is to go, before anything is read for it: a file that is there and is none is not written over.
 * @param cwd where the path begins
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

/** Writes it in one step. @param place what {@link findSbomPlace} gave @throws GlanceError `io.*`; what was there stays */
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

// Downloads an image to a temporary file, for readers that need random access where there are no ranges.
import { absolutePath } from '../../local/places.ts';
import { openSpooled, type SpooledFile } from '../../transfer/spool.ts';
import type { Connection } from '../connection.ts';
import type { Found } from '../find.ts';
import { openSource } from './download.ts';

/**
 * Downloads and verifies the image. The caller removes the file.
 * @throws what a download throws
 */
export async function openSpooledImage(
  connection: Connection,
  found: Found,
  signal: AbortSignal,
): Promise<SpooledFile> {
  const { system, retry } = connection;
  const { uid, pid, platform, isRunning, clock, tmpdir } = system;
  const source = await openSource(connection, found, { preferStore: [] }, signal);
  return await openSpooled(source, absolutePath(system.cwd, tmpdir), {
    extraAlgorithms: [],
    retry,
    clock,
    signal,
    listen: () => undefined,
    force: false,
    mode: 0o600,
    sparse: true,
    uid,
    process: { pid, uid, platform, isRunning },
  });
}

// Where a download goes: checks what the options say before any request to the server.
import { GlanceError } from '../../../errors.ts';
import { checkPlace, type NamedPlace, type Naming, readPlace } from '../../../client/naming/place.ts';
import { noRecordPlace } from '../../../client/download/record-beside.ts';
import { isPlain, type Selection } from '../../../client/select/selection.ts';
import type { DownloadOptions } from '../../options/image-options.ts';
import type { Runtime } from '../../runtime.ts';

type TargetOptions = Pick<DownloadOptions, 'output' | 'file' | 'remoteName' | 'metadata'>;

/**
 * Where a download goes. Refuses what can be refused before any request to the server.
 * @param count number of images that are named; if filters or a pattern select them, it is not known yet
 * @returns null for stdout
 * @throws GlanceError `usage.option`, `usage.terminal`, `io.*`
 */
export async function readTarget(
  runtime: Runtime,
  count: number,
  { output, file, remoteName, metadata }: TargetOptions,
): Promise<NamedPlace | null> {
  const named = output ?? file;
  if (named?.trim() === '') throw new GlanceError('usage.option', '-o is empty: is a variable unset?');
  if (named !== undefined && remoteName === true) {
    throw new GlanceError('usage.option', '-o and -O both name the file: give one of them');
  }
  const text = remoteName === true ? './' : (named ?? '-');
  const place = text === '-' ? null : await readPlace(runtime.cwd, text);
  if (count > 1 && (place === null || 'path' in place)) {
    throw new GlanceError('usage.option', 'several images go into a directory', {
      hint: "give -o DIR/, -O, or a template such as -o '{name}.{format}'",
    });
  }
  if (place === null) checkStdout(runtime, metadata === true);
  else await checkPlace(place);
  return place;
}

/** The hint if several images match, but there is room for only one. */
export const orAll = 'give the id, `latest` for the newest, or a directory for all of them (-o DIR/, or -O)';

/** How to name the files of a selection, each after its image; null for a single image with a place of its own. */
export function namingFor(place: NamedPlace | null, selection: Selection): Naming | null {
  return place === null || 'path' in place || isPlain(selection) ? null : place;
}

function checkStdout(runtime: Runtime, wantsRecord: boolean): void {
  if (wantsRecord) throw noRecordPlace();
  if (runtime.stdout.isTTY === true) {
    throw new GlanceError('usage.terminal', 'image data would go to the terminal', {
      hint: 'give -o FILE (or -O for the name the image has), or send it through a pipe',
    });
  }
  if (runtime.isStdoutClosed()) {
    throw new GlanceError('io.closed', 'standard output is closed: the image data would be lost', {
      hint: 'to check an image without keeping it, give -o /dev/null',
    });
  }
}

// Where a download goes: what the options say, looked at before anything is asked of the server.
import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import { absolutePath } from '../../../local/places.ts';
import { checkPlace, isDirectory, pathIn, placeIn } from '../../../client/download/place.ts';
import { noRecordPlace } from '../../../client/download/record-beside.ts';
import type { DownloadOptions } from '../../options/image-options.ts';
import type { Runtime } from '../../runtime.ts';

export type TargetOptions = Pick<DownloadOptions, 'output' | 'file' | 'remoteName' | 'metadata'>;

/** What the user named with -o. */
export function outputOf({ output, file }: TargetOptions): string | undefined {
  return output ?? file;
}

/**
 * Refuses what can be refused before anything is asked of the server.
 * @param count images that are named; of those that are found by filters or a pattern that is not known yet
 * @throws GlanceError `usage.option`, `usage.terminal`, `io.*`
 */
export async function checkTarget(runtime: Runtime, count: number, options: TargetOptions): Promise<void> {
  const output = outputOf(options);
  const isRemoteName = options.remoteName === true;
  if (output?.trim() === '') throw new GlanceError('usage.option', '-o is empty: is a variable unset?');
  if (output !== undefined && isRemoteName) {
    throw new GlanceError('usage.option', '-o names the file, and so does -O: give one of them');
  }
  if (count > 1 && !(await isForSeveral(runtime, options))) {
    throw new GlanceError('usage.option', 'several images go into a directory', { hint: 'give -o DIR/, or -O' });
  }
  const toStdout = !isRemoteName && (output === undefined || output === '-');
  if (toStdout && options.metadata === true) throw noRecordPlace();
  if (toStdout && runtime.stdout.isTTY === true) {
    throw new GlanceError('usage.terminal', 'image data would go to the terminal', {
      hint: 'give -o FILE (or -O for the name the image has), or send it through a pipe',
    });
  }
  if (toStdout && runtime.isStdoutClosed()) {
    throw new GlanceError('io.closed', 'standard output is closed: the image data would be lost', {
      hint: 'to check an image without keeping it, give -o /dev/null',
    });
  }
  if (toStdout) return;
  const isForDirectory = isRemoteName || (await isIntoDirectory(runtime, output));
  await checkPlace(absolutePath(runtime.cwd, output ?? '.'), isForDirectory);
}

/**
 * Where an image's data goes; a directory named `DIR/` is made if it is not there.
 * @returns the path to write to; null for stdout
 * @throws GlanceError `io.*`
 */
export async function choosePath(runtime: Runtime, options: TargetOptions, image: Image): Promise<string | null> {
  const path = await foreseePath(runtime, options, image);
  return path !== null && (await isForSeveral(runtime, options))
    ? await placeIn(directoryOf(runtime, options), image)
    : path;
}

/** {@link choosePath}, with nothing made. */
export async function foreseePath(runtime: Runtime, options: TargetOptions, image: Image): Promise<string | null> {
  const output = outputOf(options);
  if (options.remoteName !== true && (output === undefined || output === '-')) return null;
  const path = directoryOf(runtime, options);
  return (await isForSeveral(runtime, options)) ? pathIn(path, image) : path;
}

/** The directory that images go into: the one that is named, or else the working directory. Absolute. */
export function directoryOf(runtime: Pick<Runtime, 'cwd'>, options: TargetOptions): string {
  return absolutePath(runtime.cwd, outputOf(options) ?? '.');
}

/** Whether each image gets a file of its own name. */
export async function isForSeveral(runtime: Runtime, options: TargetOptions): Promise<boolean> {
  return options.remoteName === true || (await isIntoDirectory(runtime, outputOf(options)));
}

async function isIntoDirectory({ cwd }: Runtime, output: string | undefined): Promise<boolean> {
  if (output === undefined || output === '-') return false;
  return /[/\\]$/.test(output) || (await isDirectory(absolutePath(cwd, output)));
}

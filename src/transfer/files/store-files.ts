// Puts small files in place. The steps are known beforehand, so that a thread can take all of them in response to one message.
// Requesting system calls one by one costs more than the work they do: `mirror` of 400 small images takes a fifth less time in
// memory this way, and a quarter less on a disk.
import { join } from 'node:path';
import type { StoreStep } from '../threads/messages.ts';
import type { HostFileSystem } from './file-system.ts';
import { toIoError } from './io-error.ts';
import { createSynced, removingOnFailure, syncDirectory, writeAll } from './replace-file.ts';

/** A file whose content and attributes are all known before it is written. */
export interface SmallFile {
  readonly name: string;
  /** Its name until it is complete. */
  readonly temporary: string;
  readonly content: Uint8Array | string;
  /** Permission bits, less those of the umask. */
  readonly mode: number;
}

/** Number of {@link storeSteps} for one file. */
const stepsOfFile = 3;

/** The steps to store files, each of which is durable before the next one gets its name. Pure. */
export function storeSteps(files: readonly SmallFile[]): readonly StoreStep[] {
  return files.flatMap(({ name, temporary, content, mode }) => [
    { create: temporary, content, mode },
    { rename: temporary, to: name },
    { isSync: true as const },
  ]);
}

/**
 * Stores files in a directory.
 * @throws GlanceError `io.*`; what was stored before stays, and nothing unfinished is left
 */
export async function storeFiles(
  fileSystem: HostFileSystem,
  directory: string,
  files: readonly SmallFile[],
): Promise<void> {
  const steps = storeSteps(files);
  try {
    if ((await fileSystem.takeAtOnce?.(directory, steps)) === true) return;
    for (const [index, step] of steps.entries()) {
      await takeStep(fileSystem, directory, step).catch((error: unknown) => {
        throw Object.assign(error as Error, { step: index });
      });
    }
  } catch (error) {
    const file = files[Math.floor(stepOf(error) / stepsOfFile)];
    throw toIoError(error, file === undefined ? directory : join(directory, file.name));
  }
}

/** The step that failed; NaN if none was begun. */
function stepOf(error: unknown): number {
  return error instanceof Error && 'step' in error && typeof error.step === 'number' ? error.step : Number.NaN;
}

async function takeStep(fileSystem: HostFileSystem, directory: string, step: StoreStep): Promise<void> {
  if ('isSync' in step) {
    await syncDirectory(fileSystem, directory);
    return;
  }
  const path = join(directory, 'create' in step ? step.create : step.rename);
  if ('rename' in step) {
    await removingOnFailure(fileSystem, path, () => fileSystem.rename(path, join(directory, step.to)));
    return;
  }
  const { content, mode } = step;
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  await createSynced(fileSystem, path, mode, (file) => writeAll(file, 0, bytes));
}

// FAT volumes made by mkfs.fat and mtools.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../tools.ts';

export interface FatVolumeOptions {
  readonly bits: 12 | 16 | 32;
  readonly kibibytes: number;
  /** More options of mkfs.fat. */
  readonly more?: readonly string[];
}

/** Runs one of the mtools on an image. */
export function runMtool(name: string, image: string, ...args: readonly string[]): string {
  // The size check of mtools is meant for floppies.
  return runTool(name, ['-i', image, ...args], '', { MTOOLS_SKIP_CHECK: '1', TZ: 'UTC', LC_ALL: 'C.UTF-8' });
}

/** Makes a volume with the files of a directory. The big one is fragmented: files between its pieces were removed. */
export function makeFatVolume(
  image: string,
  directory: string,
  { bits, kibibytes, more = [] }: FatVolumeOptions,
): void {
  const identity = ['-F', String(bits), '-n', `FAT ${String(bits)} DISK`, '-i', '1a2b3c4d'];
  runTool('mkfs.fat', [...identity, ...more, '-C', image, String(kibibytes)]);
  const own = ['-m', '-Q'];
  const small = join(directory, 'boot/grub/grub.cfg');
  const fillers = Array.from({ length: 24 }, (_, index) => `::/filler${String(index)}`);
  for (const filler of fillers) runMtool('mcopy', image, ...own, small, filler);
  for (const filler of fillers.filter((_, index) => index % 2 === 0)) runMtool('mdel', image, filler);
  runMtool('mcopy', image, ...own, join(directory, 'EFI/debian/grubx64.efi'), '::/pieces.bin');
  for (const filler of fillers.filter((_, index) => index % 2 === 1)) runMtool('mdel', image, filler);
  runMtool('mcopy', image, '-s', ...own, ...readdirSync(directory).map((name) => join(directory, name)), '::/');
}

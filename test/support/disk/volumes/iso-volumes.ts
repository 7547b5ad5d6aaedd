// Discs made by xorriso and genisoimage.
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { guestTime } from './guest-tree.ts';
import { runTool } from '../tools.ts';

/** Links within the tree, and modes. */
export const isoLinks: ReadonlyMap<string, string> = new Map([
  ['boot/current', 'grub/grub.cfg'],
  ['many/up', '../README.TXT'],
  ['absolute', '/boot/./grub'],
  // In several fields, which continue elsewhere. A much longer one keeps genisoimage busy forever.
  ['far', `${'../'.repeat(50)}${'long-component-of-a-link/'.repeat(8)}end`],
]);

/** Adds links and modes, which Rock Ridge can record, to the tree in a directory. */
export function addLinks(directory: string): void {
  for (const [path, target] of isoLinks) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    symlinkSync(target, join(directory, path));
  }
  chmodSync(join(directory, 'README.TXT'), 0o4751);
  utimesSync(join(directory, 'README.TXT'), guestTime, guestTime);
}

const tools: Readonly<Record<string, readonly string[]>> = {
  xorriso: ['xorriso', '-as', 'mkisofs', '-quiet'],
  genisoimage: ['genisoimage', '-quiet', '-input-charset', 'utf-8'],
};

/** @param options of mkisofs, such as `-R` and `-J` */
export function makeIsoVolume(image: string, directory: string, tool: string, options: readonly string[]): void {
  const [name = '', ...first] = tools[tool] ?? [];
  runTool(name, [...first, ...options, '-o', image, directory], '', { TZ: 'UTC', LC_ALL: 'C.UTF-8' });
}

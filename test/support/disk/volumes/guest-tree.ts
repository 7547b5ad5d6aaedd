// A small tree of files to make file systems from, with awkward cases in it.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tellingBytes } from '../patterns.ts';

/** Last change of every file, Unix seconds; even, because FAT counts in steps of two. */
export const guestTime = Date.UTC(2024, 1, 29, 13, 14, 16) / 1000;

/** A directory at a depth of ten, more than ISO 9660 allows. */
export const deepDirectory = Array.from({ length: 10 }, (_, index) => `level${String(index + 1)}`).join('/');

/** Files by path. */
export function guestTree(): ReadonlyMap<string, Uint8Array> {
  const text = (value: string): Uint8Array => Buffer.from(value);
  return new Map([
    ['README.TXT', text('a short name\n')],
    ['lower.txt', text('in lower case\n')],
    ['Mixed.Case', text('in both\n')],
    ['empty', new Uint8Array()],
    ['a long name, with spaces.and.dots.tar.gz', text('a long name\n')],
    ['übergroß-日本語.txt', text('beyond ASCII\n')],
    [`${'n'.repeat(60)}.txt`, text('sixty\n')],
    ['boot/grub/grub.cfg', text('set default=0\n')],
    ['EFI/debian/grubx64.efi', tellingBytes(20_000)],
    [`${deepDirectory}/deep`, text('deep\n')],
    ...Array.from({ length: 120 }, (_, index): [string, Uint8Array] => {
      const number = String(index);
      return [`many/one of the many files, number ${number}.text`, text(`${number}\n`)];
    }),
  ]);
}

/** Writes it below a directory. */
export function writeGuestTree(directory: string, tree = guestTree()): void {
  for (const [path, bytes] of tree) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), bytes);
  }
  for (const path of tree.keys()) utimesSync(join(directory, path), guestTime, guestTime);
}

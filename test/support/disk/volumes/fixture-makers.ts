// How each fixture of test/fixtures/disk/file-systems/ is made.
import { makeFatVolume } from './fat-volumes.ts';
import { addLinks, makeIsoVolume } from './iso-volumes.ts';

export { writeGuestTree } from './guest-tree.ts';

export interface FixtureMaker {
  readonly name: string;
  /** @param tree the directory of its files */
  readonly make: (image: string, tree: string) => void;
  /** Bytes that are kept; everything after them is empty. */
  readonly keptBytes?: number;
}

const kept = 1024 * 1024;

export const fixtureMakers: readonly FixtureMaker[] = [
  { name: 'fat12', make: (image, tree) => makeFatVolume(image, tree, { bits: 12, kibibytes: 720, more: ['-s', '1'] }) },
  {
    name: 'fat16',
    make: (image, tree) => makeFatVolume(image, tree, { bits: 16, kibibytes: 4096, more: ['-s', '1', '-f', '1'] }),
    keptBytes: kept,
  },
  {
    name: 'fat32',
    make: (image, tree) => makeFatVolume(image, tree, { bits: 32, kibibytes: 34_000, more: ['-s', '1', '-f', '1'] }),
    keptBytes: kept,
  },
  {
    name: 'iso-rock-ridge',
    make: (image, tree) => {
      addLinks(tree);
      makeIsoVolume(image, tree, 'genisoimage', ['-R', '-J', '-joliet-long', '-V', 'ROCK RIDGE']);
    },
  },
  {
    name: 'iso-joliet',
    make: (image, tree) =>
      makeIsoVolume(image, tree, 'genisoimage', ['-D', '-J', '-joliet-long', '-V', 'A LABEL OF MANY LETTERS']),
  },
  { name: 'iso-plain', make: (image, tree) => makeIsoVolume(image, tree, 'xorriso', ['--norock', '-V', 'PLAIN']) },
];

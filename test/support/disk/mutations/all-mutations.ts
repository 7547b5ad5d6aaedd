// Everything inside disks that can be changed at random, for test/disk/mutate.mjs.
import { blockSamples, mutateBlocks } from './block-mutations.ts';
import { fileSystemSamples, readSample } from '../volumes/file-system-corpus.ts';
import { mutateFileSystem } from './file-system-mutations.ts';
import { mutatePackages, packageSamples } from './package-mutations.ts';

type Mutate = (count: number, seed: number) => { readonly failures: readonly string[] };

/** By the name of the sample. */
export const mutations: ReadonlyMap<string, Mutate> = new Map<string, Mutate>([
  ...blockSamples.map((name): [string, Mutate] => [name, (count, seed) => mutateBlocks(name, count, seed)]),
  ...fileSystemSamples.map((sample): [string, Mutate] => [
    sample.name,
    (count, seed) => mutateFileSystem(sample, readSample(sample.name), count, seed),
  ]),
  ...packageSamples.map((sample): [string, Mutate] => [
    sample.name,
    (count, seed) => mutatePackages(sample, count, seed),
  ]),
]);

// The commands that the demo runs, in order, and what must be true after each.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DemoImage } from './catalog.ts';
import { checkData, checkFile, checkJson, checkLeftovers } from './checks.ts';

export interface Step {
  /** Arguments of glance-cli. */
  readonly args: readonly string[];
  /** What this shows, one line. */
  readonly title: string;
  /** Exit status that is right. */
  readonly exit: number;
  /** What becomes of stdout; see `CommandOptions`. */
  readonly stdout: 'shown' | 'both' | 'collected';
  /** The rest of a pipe line, and what it would print for the command's stdout. */
  readonly pipe?: { readonly command: string; readonly print: (stdout: Buffer) => string };
  /** What is wrong afterwards, one sentence each. */
  readonly check?: (stdout: Buffer) => Promise<readonly string[]> | readonly string[];
}

export interface StepPlaces {
  /** Where the server listens. */
  readonly url: string;
  /** Working directory of the commands. It holds `kept` and nothing else before the first of them runs. */
  readonly cwd: string;
  readonly kept: readonly string[];
}

/** Name of an existing directory in the working directory, for the download that names only a directory. */
export const imagesDirectory = 'images';

/** @throws Error if the catalog lacks one of the images that the steps are about */
export function makeSteps(images: readonly DemoImage[], places: StepPlaces): readonly Step[] {
  const ubuntu = findImage(images, '1');
  return [
    ...showSteps(ubuntu, places.url),
    ...inspectSteps(),
    ...downloadSteps(ubuntu, findImage(images, '2'), places),
  ];
}

function showSteps({ image }: DemoImage, url: string): readonly Step[] {
  return [
    {
      args: ['--endpoint', url, 'list'],
      title: 'The images, with the endpoint as an option',
      exit: 0,
      stdout: 'shown',
    },
    {
      args: ['show', '1'],
      title: 'One of them; the endpoint now comes from the environment',
      exit: 0,
      stdout: 'shown',
    },
    {
      args: ['show', '1', '-f', 'json'],
      title: 'The same for programs',
      exit: 0,
      stdout: 'both',
      check: (stdout) => checkJson(stdout.toString(), image),
    },
  ];
}

function inspectSteps(): readonly Step[] {
  return [
    {
      args: ['inspect', '2'],
      title: 'What the data of an image really is, from its first bytes',
      exit: 0,
      stdout: 'both',
      check: (stdout) => (stdout.includes('qcow2') ? [] : ['inspect did not find a qcow2 image']),
    },
    {
      args: ['inspect', '--all'],
      title: 'The same of all of them at once',
      exit: 0,
      stdout: 'shown',
    },
  ];
}

function downloadSteps(ubuntu: DemoImage, unicode: DemoImage, { cwd, kept }: StepPlaces): readonly Step[] {
  const unicodeName = `${String(unicode.image.name)}.qcow2`;
  return [
    {
      args: ['download', '1', '-o', 'ubuntu.raw'],
      title: 'Its data, to a file: the name appears when all of it is there and verified',
      exit: 0,
      stdout: 'shown',
      check: () => checkFile(join(cwd, 'ubuntu.raw'), ubuntu.image),
    },
    {
      args: ['verify', 'ubuntu.raw', '1'],
      title: 'The file compared with the image once more, as one may years later',
      exit: 0,
      stdout: 'shown',
    },
    {
      args: ['download', '2', '-o', `${imagesDirectory}/`],
      title: "To a directory, under the image's own name",
      exit: 0,
      stdout: 'shown',
      check: () => checkFile(join(cwd, imagesDirectory, unicodeName), unicode.image),
    },
    {
      args: ['download', '1'],
      title: 'Into a pipe (the sum is taken by the demo itself, so that it runs without md5sum too)',
      exit: 0,
      stdout: 'collected',
      pipe: { command: 'md5sum', print: (stdout) => `${createHash('md5').update(stdout).digest('hex')}  -\n` },
      check: (stdout) => checkData('what came through the pipe', stdout, ubuntu.image),
    },
    {
      args: ['download', '6', '-o', 'damaged.raw'],
      title: 'An image that was damaged in the store: refused, and no file is made',
      exit: 6,
      stdout: 'shown',
      check: async () => [
        ...(await checkLeftovers(cwd, [...kept, 'ubuntu.raw'])),
        ...(await checkLeftovers(join(cwd, imagesDirectory), [unicodeName])),
      ],
    },
  ];
}

function findImage(images: readonly DemoImage[], id: string): DemoImage {
  const found = images.find(({ image }) => image.id === id);
  if (found === undefined) throw new Error(`the catalog has no image ${id}`);
  return found;
}

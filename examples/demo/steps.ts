// The commands that the demo runs, in order, and what must be true after each.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { DemoImage } from './catalog.ts';
import {
  checkData,
  checkFile,
  checkInterrupted,
  checkJson,
  checkLeftovers,
  sizeOfPart,
  tellingKeys,
} from './checks.ts';

export interface Step {
  /** Arguments of glance-cli. */
  readonly args: readonly string[];
  /** What this shows, one line. */
  readonly title: string;
  /** Expected exit status. */
  readonly exit: number;
  /** What happens to stdout; see `CommandOptions`. */
  readonly stdout: 'shown' | 'both' | 'collected';
  /** The rest of a pipeline, and what it would print for the command's stdout. */
  readonly pipe?: { readonly command: string; readonly print: (stdout: Buffer) => string };
  /** When the command is interrupted as by Ctrl-C; see `CommandOptions`. */
  readonly interruptWhen?: () => Promise<boolean>;
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

/** The image is 8 MiB, and is sent at 8 MiB a second. */
const enoughBytes = 3 * 2 ** 20;

/** @throws Error if the catalog lacks one of the images that the steps are about */
export function makeSteps(images: readonly DemoImage[], places: StepPlaces): readonly Step[] {
  const ubuntu = findImage(images, '1');
  return [
    ...showSteps(ubuntu, places.url),
    ...inspectSteps(),
    ...resumeSteps(ubuntu, places),
    ...downloadSteps(ubuntu, findImage(images, '2'), places),
  ];
}

function showSteps({ image }: DemoImage, url: string): readonly Step[] {
  return [
    {
      args: ['--endpoint', url, 'list'],
      title: 'Which images are there',
      exit: 0,
      stdout: 'shown',
    },
    {
      args: ['show', '1'],
      title: 'One of them; a variable now says where Glance is',
      exit: 0,
      stdout: 'shown',
    },
    {
      args: ['show', '1', '-f', 'json', ...tellingKeys.flatMap((key) => ['-c', key])],
      title: 'What a program asks for, as JSON',
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
      title: 'What an image really is, whatever its record says: read from its first bytes',
      exit: 0,
      stdout: 'both',
      check: (stdout) => (stdout.includes('qcow2') ? [] : ['inspect did not find a qcow2 image']),
    },
    {
      args: ['inspect', '--all'],
      title: 'All of them at once',
      exit: 0,
      stdout: 'shown',
    },
  ];
}

function resumeSteps({ image }: DemoImage, { cwd }: StepPlaces): readonly Step[] {
  const args = ['download', '1', '-o', 'ubuntu.raw', '--limit-rate', '8M'];
  return [
    {
      args,
      title: 'A download that is interrupted on its way, here by Ctrl-C: what has arrived is kept',
      exit: 130,
      stdout: 'shown',
      interruptWhen: async () => (await sizeOfPart(cwd, 'ubuntu.raw')) >= enoughBytes,
      check: () => checkInterrupted(cwd, 'ubuntu.raw'),
    },
    {
      args,
      title: 'The same command resumes; the file gets its name when all of it is there and verified',
      exit: 0,
      stdout: 'shown',
      check: () => checkFile(join(cwd, 'ubuntu.raw'), image),
    },
  ];
}

function downloadSteps(ubuntu: DemoImage, unicode: DemoImage, { cwd, kept }: StepPlaces): readonly Step[] {
  const unicodeName = `${String(unicode.image.name)}.qcow2`;
  return [
    {
      args: ['verify', 'ubuntu.raw', '1'],
      title: 'Is the file still what the cloud has?',
      exit: 0,
      stdout: 'shown',
    },
    {
      args: ['download', '2', '-o', `${imagesDirectory}/`],
      title: "Into a directory, under the image's own name",
      exit: 0,
      stdout: 'shown',
      check: () => checkFile(join(cwd, imagesDirectory, unicodeName), unicode.image),
    },
    {
      args: ['download', '1'],
      title: 'Into a pipe, verified on the way',
      exit: 0,
      stdout: 'collected',
      pipe: { command: 'md5sum', print: (stdout) => `${createHash('md5').update(stdout).digest('hex')}  -\n` },
      check: (stdout) => checkData('what came through the pipe', stdout, ubuntu.image),
    },
    {
      args: ['download', '6', '-o', 'damaged.raw'],
      title: 'An image that was damaged in the store is refused, and leaves no file',
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

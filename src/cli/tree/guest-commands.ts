// The commands about files within an image: files, cat. Description only, as in program.ts.
import { type Command, withOptions } from '../options/commander.ts';
import { catOptions, filesOptions } from '../options/guest-options.ts';
import type { Execute } from './command-parts.ts';

const image = 'id, name, NAME@ALG:HEX (pinned), or full URI of an image; a file; or an image of a mirror, PLACE/ID';
const inOne = 'Image and path may be given as one, IMAGE:/PATH. ';
const where =
  'The image is read where it lies, by ranges, nothing is mounted, and no more of it is read than --contents-limit allows ' +
  '(400 requests with 16M). / is the root of the system in it, with what its fstab mounts; of a disk without a system, its only ' +
  'file system, or of an ISO the disc; where there are several, or to see one that is not mounted, --partition says which, by the ' +
  'names that inspect --contents shows: of btrfs, from the top of its subvolumes. Links are followed within the disk only. What ' +
  'is no UTF-8 in a name is shown as U+FFFD, and a path may have it in its place. ';

/** `files` */
export function describeFiles(command: Command, execute: Execute): void {
  const described = command
    .summary('list the files within an image')
    .description(
      'Lists a directory within the disk of an image, or one file: names, types, sizes, modes, times, and where links point to. ' +
        inOne +
        where +
        'Names are sorted, of a directory with more than 50,000 in portions of so many. A link to a directory stands for it. ' +
        'Owners are numbers: --wide shows them, and so do the other formats.',
    )
    .argument('<target>', image)
    .argument('[inner-path]', 'of a directory or a file within it (default: /)');
  withOptions(described, filesOptions).action(async (target, path, options) => {
    const { files } = await import('../commands/guest/files.ts');
    await execute((context) => files(context, target, path, options));
  });
}

/** `cat` */
export function describeCat(command: Command, execute: Execute): void {
  const described = command
    .summary('print a file within an image')
    .description(
      'Writes the bytes of a file within the disk of an image to standard output, or to the file that -o names, in which ' +
        'zeros become holes. On a terminal text is shown, what could drive it as escapes such as \\x1b, and anything else is ' +
        'refused. ' +
        inOne +
        where +
        'A larger file takes a larger --contents-limit, which the error says; exit code 9 then tells that standard output may have ' +
        'a part of it.',
    )
    .argument('<target>', image)
    .argument('[inner-path]', 'of a file within it');
  withOptions(described, catOptions).action(async (target, path, options) => {
    const { cat } = await import('../commands/guest/cat.ts');
    await execute((context) => cat(context, target, path, options));
  });
}

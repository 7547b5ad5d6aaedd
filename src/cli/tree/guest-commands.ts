// Describes the commands for files within an image: files, cat. Descriptions only, as program.ts explains.
import { type Command, addOptions } from '../options/commander.ts';
import { catOptions, filesOptions } from '../options/guest-options.ts';
import { type Execute, paragraphs } from './command-parts.ts';

const image = 'id, name, NAME@ALG:HEX (pinned), or full URI of an image; a file; or an image of a mirror, PLACE/ID';
const inOne = 'Image and path can be given as one argument, IMAGE:/PATH.';
const where = paragraphs(
  'The image is read where it is, by ranges. Nothing is mounted, and no more is read than --contents-limit allows ' +
    '(400 requests for 16M).',
  '/ is the root of the system in the image, with the file systems that its fstab mounts. On a disk without a system it is ' +
    'the only file system; on an ISO, the disc. If there are several, or to see one that is not mounted, name it with ' +
    '--partition, as inspect --contents shows it; btrfs is then shown from its top-level subvolume.',
  'Links are followed within the disk only. Bytes of a name that are not UTF-8 are shown as U+FFFD, and a path may use that ' +
    'in their place.',
);

/** `files` */
export function describeFiles(command: Command, execute: Execute): void {
  const described = command
    .summary('list the files within an image')
    .description(
      paragraphs(
        'Lists a directory in the disk of an image, or one file: names, types, sizes, modes, times, and where links point. ' +
          inOne,
        where,
        'Names are sorted; a directory of more than 50,000 is sorted in batches of that size. A link to a directory is ' +
          'listed as that directory. Owners are numbers, shown with --wide and in all formats but the table.',
      ),
    )
    .argument('<target>', image)
    .argument('[inner-path]', 'path of a directory or a file within it (default: /)');
  addOptions(described, filesOptions).action(async (target, path, options) => {
    const { files } = await import('../commands/guest/files.ts');
    await execute((context) => files(context, target, path, options));
  });
}

/** `cat` */
export function describeCat(command: Command, execute: Execute): void {
  const described = command
    .summary('print a file within an image')
    .description(
      paragraphs(
        'Writes a file in the disk of an image to standard output, or to the file that -o names, in which runs of zeros become holes. ' +
          'On a terminal, text is shown with control characters as escapes such as \\x1b, and anything else is refused. ' +
          inOne,
        where,
        'A larger file needs a larger --contents-limit, as the error then says. Exit code 9 means that standard output ' +
          'may have received only part of the file.',
      ),
    )
    .argument('<target>', image)
    .argument('[inner-path]', 'path of a file within it');
  addOptions(described, catOptions).action(async (target, path, options) => {
    const { cat } = await import('../commands/guest/cat.ts');
    await execute((context) => cat(context, target, path, options));
  });
}

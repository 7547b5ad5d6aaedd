// Describes the commands for images: list, show, members, stores, download, inspect. Descriptions only, as program.ts explains.
import { type Command, addOptions } from '../options/commander.ts';
import {
  downloadOptions,
  imageListOptions,
  inspectOptions,
  membersOptions,
  showOptions,
} from '../options/image-options.ts';
import { type Execute, imageArgument, imagesArgument, paragraphs } from './command-parts.ts';

export function describeList(command: Command, execute: Execute): void {
  const described = command
    .summary('list images')
    .description(
      paragraphs(
        'Lists the images that you may see, page by page. With words, lists those whose names contain every word, ' +
          'ignoring case; a word with * ? or […] is a pattern for the whole name. Filters go to the server where its API ' +
          'has them; an option that the API cannot answer is an error.',
        'A table of up to 10,000 images is sorted in natural order, ignoring case, so that ubuntu-9 comes before ' +
          'ubuntu-10, unless you give --sort, --limit or --marker. All other output is sorted by name:asc.',
      ),
    )
    .argument('[word...]', 'part of the name, or a pattern for it; all must match');
  addOptions(described, imageListOptions).action(async (words, options) => {
    const { list } = await import('../commands/images/list.ts');
    await execute((context) => list(context, words, options));
  });
}

export function describeShow(command: Command, execute: Execute): void {
  const described = command
    .summary('show metadata of images')
    .description(
      'Shows the metadata of one image, or of several: by name, by a pattern, or by the filters of list. A single ' +
        'image that you name is printed as an object, anything else as an array. On API v1 the metadata of a single ' +
        'image comes from the x-image-meta headers of a HEAD request.',
    )
    .argument('[image...]', imagesArgument);
  addOptions(described, showOptions).action(async (images, options) => {
    const { show } = await import('../commands/images/show.ts');
    await execute((context) => show(context, images, options));
  });
}

export function describeDownload(command: Command, execute: Execute): void {
  const described = command
    .summary('download image data, verified')
    .description(
      'Downloads image data to a file or, without -o, to standard output. The data is compared with the size and the ' +
        'checksum that Glance publishes. A file gets its name only once everything matches and is on disk; until then, ' +
        'whatever had that name stays. After an interruption, the same command resumes.',
    )
    .argument('[image...]', `${imagesArgument}; for several, give -O or a directory`);
  addOptions(described, downloadOptions).action(async (images, options) => {
    const { download } = await import('../commands/download/download.ts');
    await execute((context) => download(context, images, options));
  });
}

export function describeInspect(command: Command, execute: Execute): void {
  const described = command
    .summary('find out what an image really is, and whether it is safe')
    .description(
      paragraphs(
        'Reads the first bytes of an image, a local file or standard input (-), and the last ones if the format keeps ' +
          'something there. Reports what they are: disk format, virtual size, backing file, partitions, and anything that ' +
          'makes the image unsafe to hand to a hypervisor. Exits with 11 if it is unsafe.',
        'Several images, by name, by a pattern, or by the filters of list, get a report each. With --all it inspects ' +
          'every image that the filters select, in the order of --sort, and prints each report as soon as it is done. To ' +
          'resume a long run that was cut off, give --marker with the last id that it printed; with -f ndjson you can ' +
          'append to the same file. With --all and a queue (--queue, GLANCE_CLI_QUEUE), workers inspect, see ' +
          'glance-cli-fleet(7); the reports are printed as usual, or with --detach kept in a place.',
        'With --contents it looks into the disk too, by ranges, without fetching the image: which operating system, ' +
          'kernels and packages are in it, what was left there that all its guests would share, and whether its record ' +
          'claims something else. Parts that cannot be read do not change the exit code.',
        'With --sbom it also lists every installed package, from the databases of dpkg, apk, pacman and rpm, with the ' +
          'package URLs that scanners look for. The list is complete, or there is an error and no file. The same image ' +
          'always gives the same bytes.',
        'With --target it says whether that release of Glance, in its default configuration, would accept an upload of ' +
          'the image, and if not, why. It goes by the format that the record declares, or else by what the image is. This ' +
          'is not a verdict on safety, and changes the exit code only with --fail-on target.',
      ),
    )
    .argument('[target...]', `${imagesArgument}; the path of a file; an image of a mirror, PLACE/ID; or -`);
  addOptions(described, inspectOptions).action(async (targets, options) => {
    const { inspect } = await import('../commands/inspect/inspect.ts');
    await execute((context) => inspect(context, targets, options));
  });
}

export function describeMembers(command: Command, execute: Execute): void {
  const described = command
    .summary('list who an image is shared with')
    .description('Lists the projects that an image is shared with, or what is shared with a project.')
    .argument('[image]', imageArgument);
  addOptions(described, membersOptions).action(async (image, options) => {
    const { members } = await import('../commands/images/members.ts');
    await execute((context) => members(context, image, options));
  });
}

export function describeStores(command: Command, execute: Execute): void {
  command
    .summary('list where image data is kept')
    .description('Lists the stores that this Glance keeps image data in (API v2).')
    .action(async () => {
      const { stores } = await import('../commands/images/stores.ts');
      await execute((context) => stores(context));
    });
}

// The commands about images: list, show, members, stores, download, inspect. Description only, as in program.ts.
import { type Command, withOptions } from '../options/commander.ts';
import {
  downloadOptions,
  imageListOptions,
  inspectOptions,
  membersOptions,
  showOptions,
} from '../options/image-options.ts';
import { type Execute, imageArgument, imagesArgument } from './command-parts.ts';

export function describeList(command: Command, execute: Execute): void {
  const described = command
    .summary('list images')
    .description(
      'Lists the images you may see, page by page; with words those whose names have every word in them, case ignored, or match it ' +
        'if it is a pattern with * ? […]. Filters go to the server where its API has them; ' +
        'an option that the API cannot answer is an error. A table of up to 10,000 images is sorted naturally and without case, ' +
        'ubuntu-9 before ubuntu-10, unless --sort, --limit or --marker is given; everything else by name:asc.',
    )
    .argument('[word...]', 'a part of the name, or a pattern over it; all have to match');
  withOptions(described, imageListOptions).action(async (words, options) => {
    const { list } = await import('../commands/images/list.ts');
    await execute((context) => list(context, words, options));
  });
}

export function describeShow(command: Command, execute: Execute): void {
  const described = command
    .summary('show metadata of images')
    .description(
      'Shows metadata of one image, or of several: by name, by a pattern, or by the filters of list. One that is named is ' +
        'printed as an object, anything else as an array. On API v1 the metadata of one comes from the x-image-meta headers ' +
        'of a HEAD request.',
    )
    .argument('[image...]', imagesArgument);
  withOptions(described, showOptions).action(async (images, options) => {
    const { show } = await import('../commands/images/show.ts');
    await execute((context) => show(context, images, options));
  });
}

export function describeDownload(command: Command, execute: Execute): void {
  const described = command
    .summary('download image data, verified')
    .description(
      'Downloads image data to a file or, without -o, to standard output. The data is compared with the size and the ' +
        'checksum that Glance publishes. A file gets its name only once everything matches and is on disk; ' +
        'whatever stood there before stays until then. After an interruption the same command resumes.',
    )
    .argument('[image...]', `${imagesArgument}; several need -O or a directory`);
  withOptions(described, downloadOptions).action(async (images, options) => {
    const { download } = await import('../commands/download/download.ts');
    await execute((context) => download(context, images, options));
  });
}

export function describeInspect(command: Command, execute: Execute): void {
  const described = command
    .summary('find out what image data really is, and whether it is safe')
    .description(
      'Reads the first bytes of an image, a local file or standard input (-), and the last ones where a format keeps ' +
        'something there, and reports what they are: disk format, virtual size, backing file, partitions, and what makes them ' +
        'unsafe to hand to a hypervisor. Exits with 11 if anything does. ' +
        'Of several, by name, by a pattern, or by the filters of list, each has a report. With --all it looks at every image that the ' +
        'filters select, in the order of --sort, and prints each as soon as it is done; a long run that was cut off resumes ' +
        'with --marker and the last id that it printed, and with -f ndjson its output can be appended to. With --contents it ' +
        'looks into the disk too, by ranges of the image where it lies: which operating system is in it, which kernels and ' +
        'packages, what was left in it that all its guests would share, and whether its record claims something else. ' +
        'What cannot be read of it changes no exit code. With --sbom it also lists every package that is installed, by the ' +
        'data bases of dpkg, apk, pacman and rpm, with the package URLs that scanners look for: all of them, or an error and ' +
        'no file. The same image gives the same bytes. With a queue (--queue, GLANCE_CLI_QUEUE) and --all workers inspect, see ' +
        'glance-cli-fleet(7): the reports are printed as without, or with --detach kept in a place. ' +
        'With --target it says whether the content inspection of that Glance, as it is configured by default, would take an upload ' +
        'of it, as its record declares it or else as what it is, and why not; that is no judgement of safety, and changes the exit ' +
        'code with --fail-on target only.',
    )
    .argument('[target...]', `${imagesArgument}; the path of a file; an image of a mirror, PLACE/ID; or -`);
  withOptions(described, inspectOptions).action(async (targets, options) => {
    const { inspect } = await import('../commands/inspect/inspect.ts');
    await execute((context) => inspect(context, targets, options));
  });
}

export function describeMembers(command: Command, execute: Execute): void {
  const described = command
    .summary('list who an image is shared with')
    .description('Lists the projects that an image is shared with, or what is shared with a project.')
    .argument('[image]', imageArgument);
  withOptions(described, membersOptions).action(async (image, options) => {
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

// The options of the commands about images: list, show, members, download, inspect.
import { queueOptions } from './queue-options.ts';
import { type Command, Option, type OptionsOf, addOptions } from './commander.ts';
import { compatOptions } from './compat-options.ts';
import { listOptions, listOptionsWithoutAll } from './options.ts';
import {
  collect,
  collectAlgorithm,
  collectDigest,
  parseFile,
  parseInteger,
  parseFilled,
  parseRate,
  parseRoom,
  parseSeconds,
  parseStores,
  parseWait,
} from './parse.ts';

/** For every command that takes the name of an image. */
export const latest = ['--latest', 'if several images match, take the newest'] as const;

/** For commands that need an image's data, or report when it becomes available. */
const wait = ['--wait', 'wait until an image that is being created has its data'] as const;
const waitTimeout = ['--wait-timeout <seconds>', 'with --wait: at most this long (default: 3600)', parseWait] as const;

/** For commands that take several images. */
const imagesFrom = [
  '--images-from <file>',
  'read images from a file, one per line; - is standard input',
  parseFilled,
] as const;

/** Where image data should come from. */
export const preferStore = [
  '--prefer-store <ids>',
  'prefer these stores for image data: A,B, first choice first (API v2); env: GLANCE_CLI_PREFER_STORE',
  parseStores,
] as const;

/** Where a bucket is. */
export const s3Endpoint = ['--s3-endpoint <url>', "for a bucket: URL of the store's S3 API"] as const;

export function imageListOptions(command: Command) {
  return addOptions(listOptions(command), compatOptions);
}

export type ImageListOptions = OptionsOf<typeof imageListOptions>;

export function showOptions(command: Command) {
  return addOptions(
    addOptions(
      command
        .option(...latest)
        .option(...wait)
        .option(...waitTimeout),
      listOptions,
    ),
    compatOptions,
  );
}

export type ShowOptions = OptionsOf<typeof showOptions>;

export function membersOptions(command: Command) {
  return command
    .option(...latest)
    .option('--shared-with <project>', 'list the images that are shared with this project (API v1)');
}

export type MembersOptions = OptionsOf<typeof membersOptions>;

export function downloadOptions(command: Command) {
  const own = command
    .optionsGroup('Where to:')
    .option(
      '-o, --output <file>',
      'a file, a directory, or a template such as {name}-{id}.{format}; - is standard output',
    )
    .addOption(new Option('--file <file>').hideHelp())
    .addOption(new Option('--chunk-size <bytes>').hideHelp())
    .addOption(new Option('--allow-md5-fallback').hideHelp())
    .option('-O, --remote-name', 'write to a file in this directory, named after the image')
    .option('--force', 'replace an existing file that differs')
    .option('-n, --dry-run', 'print what would be done, and do nothing')
    .option('--metadata', "write the image's metadata beside the file, as FILE.json")
    .option('--spool', 'for standard output: verify everything first, in a temporary file')
    .addOption(
      new Option(
        '--sparse <when>',
        'leave holes for blocks of zeros; auto: in raw images only (default: auto)',
      ).choices(['auto', 'always', 'never']),
    )
    .option('--keep-corrupt', 'keep data that does not match, as FILE.corrupt')
    .option('--no-space-check', 'do not check first that there is room for the image')
    .optionsGroup('Which images, and how they are verified:')
    .option(...latest)
    .option(...wait)
    .option(...waitTimeout)
    .option(...imagesFrom)
    .option('--digest <alg>', 'compute this digest too; repeatable', collectAlgorithm)
    .option('--expect <alg:hex>', 'require this digest; repeatable', collectDigest)
    .option(
      '--expect-from <list>',
      "require the digest in this vendor's list, such as SHA256SUMS: a URL, or a file",
      parseFilled,
    )
    .option('--against-name <name>', "name of its entry in that list (default: the image's)")
    .option('--require-checksum', 'fail if the server has no digest to compare with')
    .option('--verify-signature', 'require a valid signature of the image; needs --trusted-cert')
    .option('--trusted-cert <file>', 'PEM file of a certificate to trust with signatures; repeatable', collect)
    .option('--require-safe', 'refuse an image that `inspect` finds unsafe')
    .optionsGroup('Speed:')
    .option(...preferStore)
    .option('--connections <n>', 'ranges to fetch at once, if supported (default: 1)', parseInteger(1, 16))
    .option('--jobs <n>', 'images to fetch at once (default: 2)', parseInteger(1, 16))
    .option('--limit-rate <size>', 'at most this many bytes per second, such as 500K or 10M', parseRate)
    .option('--max-time <seconds>', 'give up after this long, and keep what has arrived', parseSeconds);
  return addOptions(own, listOptions);
}

export type DownloadOptions = OptionsOf<typeof downloadOptions>;

/** Here `--all` means every image. */
export function inspectOptions(command: Command) {
  const own = command
    .option('--all', 'inspect every image that the filters select')
    .option(...latest)
    .option(...wait)
    .option(...waitTimeout)
    .option(...imagesFrom)
    .option(
      '--jobs <n>',
      'images to inspect at once (default: 4); with a queue, set it on the workers',
      parseInteger(1, 32),
    )
    .addOption(
      new Option('--fail-on <severity>', 'what makes it exit with 11 (default: unsafe)').choices([
        'unsafe',
        'warning',
        'target',
        'never',
      ]),
    )
    .addOption(
      new Option(
        '--target <release>',
        'say whether this release of Glance would accept an upload of the image',
      ).choices(['glance-2025.1', 'glance-2026.1']),
    )
    .option('--sarif', 'print the hazards as SARIF 2.1.0, for tools that collect findings')
    .option('--html <file>', 'also write the reports as a page for a browser', parseFile)
    .option('--contents', 'look into the disk too: its operating system, kernels, packages, and what was left there')
    .option(
      '--contents-limit <size>',
      'read at most this much for it, such as 64M (default: 16M; with --sbom 256M)',
      parseRoom,
    )
    .option(
      '--sbom <file>',
      'list all installed packages in this file, as CycloneDX 1.6; - is standard output',
      parseFilled,
    )
    .option('--spool', 'with --contents: fetch the image to a temporary file if the store has no range support')
    .option(...s3Endpoint);
  const fleet = addOptions(own, queueOptions)
    .option('--detach', 'with a queue: end once it holds all the work, and let workers keep the reports; needs --to')
    .option(
      '--to <place>',
      'with --detach: keep the reports here, as PLACE/audit/ID.json: a directory or s3://BUCKET[/PREFIX]',
    );
  return addOptions(fleet, (others) => listOptionsWithoutAll(others, ['all']));
}

export type InspectOptions = OptionsOf<typeof inspectOptions>;

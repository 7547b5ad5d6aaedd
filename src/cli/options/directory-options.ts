// The options of the commands about places of images: verify, mirror, serve.
import { type Command, Option, type OptionsOf, addOptions } from './commander.ts';
import { queueOptions } from './queue-options.ts';
import { latest, preferStore, s3Endpoint } from './image-options.ts';
import { listOptions } from './options.ts';
import { collectDigest, parseInteger, parseFilled, parseRate, parseSeconds } from './parse.ts';

export function verifyOptions(command: Command) {
  const own = command
    .option(...latest)
    .option('--expect <alg:hex>', 'require this digest; repeatable', collectDigest)
    .option(
      '--against <list>',
      "require the digest in this vendor's list, such as SHA256SUMS: a URL, or a file",
      parseFilled,
    )
    .option('--against-name <name>', "name of its entry in that list (default: the file's)")
    .option('--quick', 'for a mirror: compare sizes, and in a bucket ETags, without reading image data')
    .option(
      '--jobs <n>',
      'for a mirror: files to read at once (default: 4); with a queue, set it on the workers',
      parseInteger(1, 32),
    )
    .option(...s3Endpoint);
  return addOptions(own, queueOptions);
}

export type VerifyOptions = OptionsOf<typeof verifyOptions>;

export function mirrorOptions(command: Command) {
  const own = command
    .option('-n, --dry-run', 'print what would be done, and do nothing')
    .option('--prune', 'remove images that are no longer listed')
    .option('--force', 'with --prune: even if that removes more than half of all images')
    .option('--require-safe', 'leave out new images that `inspect` finds unsafe')
    .option('--require-checksum', 'leave out new images for which the server has no digest')
    .option('--contents', 'for new images: record what is in the disk, as <id>/contents.json; see `inspect`')
    .option(...preferStore)
    .option('--fail-fast', 'stop at the first image that fails')
    .addOption(new Option('--keep-going', 'continue with the others (the default)').conflicts('failFast').hideHelp())
    .option('--retry-failed', 'retry images that failed for good, such as damaged ones')
    .option(
      '--jobs <n>',
      'images to fetch at once (default: 4); with a queue, set it on the workers',
      parseInteger(1, 16),
    )
    .option(
      '--limit-rate <size>',
      'at most this many bytes per second, such as 500K or 10M; with a queue, set it on the workers',
      parseRate,
    )
    .option(...s3Endpoint)
    .option(
      '--watch <seconds>',
      'repeat after this long, until interrupted; report changes, and each problem once',
      parseSeconds,
    );
  const fleet = addOptions(own, queueOptions).option(
    '--detach',
    'with a queue: end once it holds all the work, without waiting for workers',
  );
  return addOptions(fleet, listOptions);
}

export type MirrorOptions = OptionsOf<typeof mirrorOptions>;

export function serveOptions(command: Command) {
  return command
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .addOption(
      new Option('--port <port>', 'port to listen on; 0 picks a free one')
        .default(9292)
        .argParser(parseInteger(0, 65_535)),
    )
    .addOption(
      new Option('--v1-style <style>', 'answer as Glance does, or as the examples of the v1 specification')
        .choices(['glance', 'document'])
        .default('glance'),
    )
    .option('--no-page', 'no pages for browsers, and no inspection of the images')
    .option(...s3Endpoint);
}

export type ServeOptions = OptionsOf<typeof serveOptions>;

// The commands about directories of images: verify, mirror, serve. Description only, as in program.ts.
import { type Command, Option } from 'commander';
import { type Execute, globalsOf, imageArgument } from './command-parts.ts';
import type { MirrorOptions } from '../commands/mirror/mirror.ts';
import type { ServeOptions } from '../commands/mirror/serve.ts';
import type { VerifyOptions } from '../commands/mirror/verify.ts';
import { addListOptions } from '../options/options.ts';
import { collectDigest, parseInteger, parseRate, parseSeconds } from '../options/parse.ts';

/** `verify` */
export function describeVerify(command: Command, execute: Execute): void {
  command
    .summary('compare a file, or a mirror, with its digests')
    .description(
      'Compares a local file with the digests of an image, with --expect, or with the record FILE.json beside it; or every ' +
        'file of a mirror with its index, and tells what is missing, altered, forged or does not belong there, and which images a mirror that was ' +
        'interrupted has not listed yet, which is no finding. ' +
        'Without an image it needs no network. Ends with 6 if something is not what it was.',
    )
    .argument('<path>', 'a file, or the directory of a mirror')
    .argument('[image]', imageArgument)
    .option('--latest', 'of several images with that name take the newest')
    .addOption(new Option('--expect <alg:hex>', 'demand this digest; repeatable').argParser(collectDigest))
    .addOption(new Option('--jobs <n>', 'files at once, of a mirror (default: 2)').argParser(parseInteger(1, 32)))
    .action(async (path: string, image: string | undefined, options: VerifyOptions, self: Command) => {
      const { verify } = await import('../commands/mirror/verify.ts');
      await execute(globalsOf(self), (context) => verify(context, path, image, options));
    });
}

/** `mirror` */
export function describeMirror(command: Command, execute: Execute): void {
  command
    .summary('keep a directory in step with images')
    .description(
      'Fetches every image that the filters leave into DIR/ID/ID.FORMAT, with its record image.json; DIR/index.json lists what ' +
        'is complete and verified, and SHA512SUMS is for sha512sum -c. What is there already is not fetched again, an ' +
        'interrupted run goes on, and nothing is deleted without --prune. Ends with 9 if some images could not be had; ' +
        'those that cannot be had as they are, damaged ones for example, are not tried again until their record changes. Nothing is read, written or taken away through a link in DIR: an ' +
        'image in whose place one stands fails. Of ids that differ only by case one has the directory, the others fail.',
    )
    .argument('<dir>', 'directory of the mirror; it is made if it is not there')
    .option('-n, --dry-run', 'print what would be done, and do nothing')
    .option('--prune', 'take away what is not listed any more')
    .option('--force', 'with --prune: even if that is more than half of all')
    .option('--require-safe', 'leave out images that `inspect` finds unsafe, of those that are fetched')
    .option('--fail-fast', 'stop at the first image that fails')
    .addOption(new Option('--keep-going', 'go on with the others (the default)').conflicts('failFast').hideHelp())
    .option('--retry-failed', 'try again what could not be had as it was')
    .addOption(new Option('--jobs <n>', 'images at once (default: 4)').argParser(parseInteger(1, 16)))
    .addOption(new Option('--limit-rate <size>', 'bytes a second at most, such as 500K or 10M').argParser(parseRate))
    .addOption(
      new Option(
        '--watch <seconds>',
        'do it again after this long, until interrupted; tells what changes, and trouble once',
      ).argParser(parseSeconds),
    );
  addListOptions(command).action(async (path: string, options: MirrorOptions, self: Command) => {
    const { mirror } = await import('../commands/mirror/mirror.ts');
    await execute(globalsOf(self), (context) => mirror(context, path, options));
  });
}

/** `serve` */
export function describeServe(command: Command, execute: Execute): void {
  command
    .summary('serve a directory of images as a read-only Glance')
    .description(
      'Serves a mirror, or a directory of disk images, as a read-only Glance with API v1 and v2. FILE.json beside FILE, as show -f json ' +
        'prints it, gives its metadata; without one it is derived. A file without digests in its record is read once, and they ' +
        'are kept in DIR/.glance-cli-digests.json by its size, time of change and inode; until then its image is queued or ' +
        'saving and has no data. What is added, replaced or taken away is noticed by requests from a second later on ' +
        '(later where the directory is very large). Prints its URL on standard output once it listens, and a line for each request on standard error: time, ' +
        'method, path, status, bytes, duration. With --token-file requests have to carry that token. SIGTERM lets answers ' +
        'under way end, for half a minute.',
    )
    .argument('<dir>', 'directory of images')
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
    .action(async (directory: string, options: ServeOptions, self: Command) => {
      const { serve } = await import('../commands/mirror/serve.ts');
      await execute(globalsOf(self), (context) => serve(context, directory, options));
    });
}

// The commands about directories of images: verify, mirror, serve. Description only, as in program.ts.
import { type Command, withOptions } from '../options/commander.ts';
import { mirrorOptions, serveOptions, verifyOptions } from '../options/directory-options.ts';
import { type Execute, imageArgument } from './command-parts.ts';

/** `verify` */
export function describeVerify(command: Command, execute: Execute): void {
  const described = command
    .summary('compare a file, or a mirror, with its digests')
    .description(
      'Compares a local file with the digests of an image, with --expect, or with the record FILE.json beside it; or every ' +
        'file of a mirror with its index, and tells what is missing, altered, forged or does not belong there, and which images a mirror that was ' +
        'interrupted has not listed yet, which is no finding. ' +
        'Without an image it needs no network. Ends with 6 if something is not what it was.',
    )
    .argument('<path>', 'a file, or the directory of a mirror')
    .argument('[image]', imageArgument);
  withOptions(described, verifyOptions()).action(async (path, image, options) => {
    const { verify } = await import('../commands/mirror/verify.ts');
    await execute((context) => verify(context, path, image, options));
  });
}

/** `mirror` */
export function describeMirror(command: Command, execute: Execute): void {
  const described = command
    .summary('keep a directory in step with images')
    .description(
      'Fetches every image that the filters leave into DIR/ID/ID.FORMAT, with its record image.json; DIR/index.json lists what ' +
        'is complete and verified, and SHA512SUMS is for sha512sum -c. What is there already is not fetched again, an ' +
        'interrupted run goes on, and nothing is deleted without --prune. Ends with 9 if some images could not be had; ' +
        'those that cannot be had as they are, damaged ones for example, are not tried again until their record changes. Nothing is read, written or taken away through a link in DIR: an ' +
        'image in whose place one stands fails. Of ids that differ only by case one has the directory, the others fail.',
    )
    .argument('<dir>', 'directory of the mirror; it is made if it is not there');
  withOptions(described, mirrorOptions()).action(async (path, options) => {
    const { mirror } = await import('../commands/mirror/mirror.ts');
    await execute((context) => mirror(context, path, options));
  });
}

/** `serve` */
export function describeServe(command: Command, execute: Execute): void {
  const described = command
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
    .argument('<dir>', 'directory of images');
  withOptions(described, serveOptions()).action(async (directory, options) => {
    const { serve } = await import('../commands/mirror/serve.ts');
    await execute((context) => serve(context, directory, options));
  });
}

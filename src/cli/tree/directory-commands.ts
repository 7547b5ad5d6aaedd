// The commands about places of images: verify, mirror, serve. Description only, as in program.ts.
import { type Command, withOptions } from '../options/commander.ts';
import { mirrorOptions, serveOptions, verifyOptions } from '../options/directory-options.ts';
import { type Execute, imageArgument } from './command-parts.ts';

/** `verify` */
export function describeVerify(command: Command, execute: Execute): void {
  const described = command
    .summary('compare a file, or a mirror, with its digests')
    .description(
      'Compares a local file with the digests of an image, with --expect, with its entry in a list of checksums (--against), or with ' +
        'the record FILE.json beside it; or every ' +
        'file of a mirror with its index, and reports what is missing, altered, forged or does not belong there. Images that an ' +
        'interrupted mirror has not listed yet are reported too, but are not findings. Of a mirror in a bucket every byte is read; ' +
        'with --quick sizes and ETags are compared instead. ' +
        'With a queue (--queue, GLANCE_CLI_QUEUE) workers share the images of a mirror, see glance-cli-fleet(7). ' +
        'Who signed a list is not checked, and no token goes where it comes from. ' +
        'A file or a directory needs no network without an image or a list on a server. Exits with 6 if anything has changed.',
    )
    .argument('<path>', 'a file, or the place of a mirror: a directory, or s3://BUCKET[/PREFIX]')
    .argument('[image]', imageArgument);
  withOptions(described, verifyOptions).action(async (path, image, options) => {
    const { verify } = await import('../commands/mirror/verify.ts');
    await execute((context) => verify(context, path, image, options));
  });
}

/** `mirror` */
export function describeMirror(command: Command, execute: Execute): void {
  const described = command
    .summary('keep a directory or a bucket in step with images')
    .description(
      'Fetches every image that the filters select into DIR/ID/ID.FORMAT, with its record image.json; DIR/index.json lists what ' +
        'is complete and verified, and SHA512SUMS is for sha512sum -c. What is there already is not fetched again, an ' +
        'interrupted run resumes, and nothing is deleted without --prune. Exits with 9 if some images could not be fetched; ' +
        'those that cannot be fetched as they are, such as damaged ones, are not tried again until their record changes. ' +
        'An image that the server has no digest for is kept by its length, with a warning, unless --require-checksum leaves it out. ' +
        'Nothing in a directory is read, written or removed through a link: an image whose place is taken by one fails. Of ids that ' +
        'differ only by case, one is kept and the others fail. A bucket (s3://BUCKET[/PREFIX], of AWS, Ceph or Swift) has the same ' +
        "layout, so that what any S3 tool copies of it is a mirror too; it is reached as AWS's own tools reach it, see " +
        'glance-cli-environment(7), and is never created. Nothing in it can be read before all of it is verified.',
    )
    .argument('<place>', 'a directory, which is made if it is missing, or s3://BUCKET[/PREFIX]');
  withOptions(described, mirrorOptions).action(async (path, options) => {
    const { mirror } = await import('../commands/mirror/mirror.ts');
    await execute((context) => mirror(context, path, options));
  });
}

/** `serve` */
export function describeServe(command: Command, execute: Execute): void {
  const described = command
    .summary('serve a directory or a bucket of images as a read-only Glance')
    .description(
      'Serves a mirror, or a directory of disk images, as a read-only Glance with API v1 and v2. FILE.json beside FILE, as show -f json ' +
        'prints it, gives its metadata; without one it is derived. A file without digests in its record is read once to compute ' +
        'them; they are kept in DIR/.glance-cli-digests.json by its size, time of change and inode. Until then its image is ' +
        'queued or saving and has no data. Files that are added, replaced or removed show up within a second (later if the ' +
        'directory is very large). Prints its URL on standard output once it listens, and a line for each request on ' +
        'standard error: time, method, path, status, bytes, duration. With --token-file, requests must carry that token. ' +
        'Opened in a browser it shows pages: the images as a table to search, and of each what it is, how it is fetched, its ' +
        'verdict as inspect gives it, and a picture of its disk. For them the images are looked into in the background, once; ' +
        'what was found is kept in DIR/.glance-cli-reports.txt. There are none with --token-file, --v1-style document or --no-page. ' +
        'On SIGTERM, responses under way have half a minute to finish. Of a bucket (s3://BUCKET[/PREFIX]) what its index lists is ' +
        'served: image data is read from the store as clients take it, ranges too, and no digest is computed. Browsers see verdicts, and nothing of what is in the disks. Changes of the index ' +
        'show up within five seconds. While the store cannot be reached lists and records stay as they were, and image data is ' +
        'answered with 503.',
    )
    .argument('<place>', 'a directory of images, or a mirror in a bucket: s3://BUCKET[/PREFIX]');
  withOptions(described, serveOptions).action(async (place, options) => {
    const { serve } = await import('../commands/mirror/serve.ts');
    await execute((context) => serve(context, place, options));
  });
}

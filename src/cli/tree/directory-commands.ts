// Describes the commands for places with images: verify, mirror, serve. Descriptions only, as program.ts explains.
import { type Command, addOptions } from '../options/commander.ts';
import { mirrorOptions, serveOptions, verifyOptions } from '../options/directory-options.ts';
import { type Execute, imageArgument, paragraphs } from './command-parts.ts';

/** `verify` */
export function describeVerify(command: Command, execute: Execute): void {
  const described = command
    .summary('compare a file or a mirror with its digests')
    .description(
      paragraphs(
        'Compares a local file with the digests of an image, with --expect, with its entry in a list of checksums ' +
          '(--against), or with the record FILE.json beside it. Exits with 6 if anything differs.',
        'Given a mirror, it compares every file with the index and reports what is missing, altered, forged or does not ' +
          'belong there. Images that an interrupted mirror has not listed yet are reported, but do not count as findings. ' +
          'For a mirror in a bucket it reads every byte, or with --quick compares sizes and ETags instead. With a queue ' +
          '(--queue, GLANCE_CLI_QUEUE), workers share the images of a mirror: see glance-cli-fleet(7).',
        'No network is needed unless you name an image, a bucket, a queue or a list on a server. A list is fetched ' +
          'without any token, and who signed it is not checked.',
      ),
    )
    .argument('<path>', 'a file, or the place of a mirror: a directory, or s3://BUCKET[/PREFIX]')
    .argument('[image]', imageArgument);
  addOptions(described, verifyOptions).action(async (path, image, options) => {
    const { verify } = await import('../commands/mirror/verify.ts');
    await execute((context) => verify(context, path, image, options));
  });
}

/** `mirror` */
export function describeMirror(command: Command, execute: Execute): void {
  const described = command
    .summary('keep a directory or a bucket in step with images')
    .description(
      paragraphs(
        'Fetches every image that the filters select into DIR/ID/ID.FORMAT, with its record in image.json. ' +
          'DIR/index.json lists what is complete and verified, and SHA512SUMS is for sha512sum -c. Images that are already ' +
          'there are not fetched again, an interrupted run resumes, and nothing is deleted without --prune.',
        'Exits with 9 if some images could not be fetched. Those that failed for good, such as damaged ones, are not ' +
          'tried again until their record changes. An image for which the server has no digest is checked by its size ' +
          'alone, with a warning; --require-checksum leaves it out.',
        'Nothing in a directory is read, written or removed through a link: an image whose place is taken by a link ' +
          'fails. If ids differ only by case, one image is kept and the others fail.',
        'A bucket (s3://BUCKET[/PREFIX] on AWS, Ceph or Swift) has the same layout, so a copy made by any S3 tool is a ' +
          "mirror too. It is reached the way AWS's own tools reach it, see glance-cli-environment(7). The bucket has to " +
          'exist. An image can be read from it only once all of it is verified.',
      ),
    )
    .argument('<place>', 'a directory, created if it is missing, or s3://BUCKET[/PREFIX]');
  addOptions(described, mirrorOptions).action(async (path, options) => {
    const { mirror } = await import('../commands/mirror/mirror.ts');
    await execute((context) => mirror(context, path, options));
  });
}

/** `serve` */
export function describeServe(command: Command, execute: Execute): void {
  const described = command
    .summary('serve a directory or a bucket of images as a read-only Glance')
    .description(
      paragraphs(
        'Serves a mirror, or a directory of disk images, as a read-only Glance with API v1 and v2. Prints its URL on ' +
          'standard output once it listens, and a line for each request on standard error: time, method, path, status, ' +
          'bytes, duration. With --token-file, requests must carry that token. On SIGTERM, responses in progress have half a ' +
          'minute to finish.',
        'FILE.json beside FILE, in the form that show -f json prints, holds its metadata; whatever is missing is ' +
          'derived. If it holds no digests, the file is read once to compute them. They are kept in ' +
          'DIR/.glance-cli-digests.json, by size, times of change and inode; until they are known, the image is queued or ' +
          'saving and has no data. Files that are added, replaced or removed show up within a second, or later if the ' +
          'directory is very large.',
        'In a browser it shows pages: a searchable table of the images and, for each image, what it is, how to fetch it, ' +
          'the verdict of inspect, and a picture of its disk. For these pages each image is inspected once, in the ' +
          'background; the results are kept in DIR/.glance-cli-reports.txt. There are no pages with --token-file, ' +
          '--v1-style document or --no-page.',
        'From a bucket (s3://BUCKET[/PREFIX]) it serves what the index lists. Image data, ranges included, is read from ' +
          'the store as clients ask for it, and no digest is computed. The pages show verdicts, but nothing of what is in ' +
          'the disks. Changes to the index show up within five seconds. While the store cannot be reached, lists and ' +
          'records stay as they were, and requests for image data are answered with 503.',
      ),
    )
    .argument('<place>', 'a directory of images, or a mirror in a bucket: s3://BUCKET[/PREFIX]');
  addOptions(described, serveOptions).action(async (place, options) => {
    const { serve } = await import('../commands/mirror/serve.ts');
    await execute((context) => serve(context, place, options));
  });
}

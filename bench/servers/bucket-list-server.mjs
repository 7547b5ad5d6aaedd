// A separate process that lists a bucket with the mirror of these images, as S3 does, and prints its URL. It has no data and
// answers nothing else, which is enough for planning.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { recordText } from '../../dist/mirror/index-file.js';
import { listen } from './listen.mjs';

/** Lines of JSON, an image each, as `list` prints them. */
const listing = readFileSync(process.argv[2] ?? '', 'utf8');
const pageKeys = 1000;

const md5 = (/** @type {string} */ text) => createHash('md5').update(text).digest('hex');

/**
 * An object in a listing.
 * @param {string} key
 * @param {number} size in bytes
 * @param {string} etag
 * @param {1 | 2} day on which it was written
 */
const contents = (key, size, etag, day) =>
  `<Contents><Key>${key}</Key><LastModified>2026-01-0${String(day)}T00:00:00.000Z</LastModified><ETag>&quot;${etag}&quot;</ETag>` +
  `<Size>${String(size)}</Size><StorageClass>STANDARD</StorageClass></Contents>`;

/** The objects of an image. @param {string} line */
function contentsOf(line) {
  /** @type {import('../../dist/image/image.js').Image} */
  const image = JSON.parse(line);
  const record = recordText(image);
  return [
    contents(`${image.id}/${image.id}.qcow2`, image.size ?? 0, image.checksum ?? '', 1),
    contents(`${image.id}/digests.json`, 300, md5(image.id), 1),
    contents(`${image.id}/image.json`, Buffer.byteLength(record), md5(record), 1),
  ];
}

const objects = [
  ...listing.trimEnd().split('\n').toSorted().flatMap(contentsOf),
  ...['MD5SUMS', 'SHA512SUMS', 'index.json'].map((key) => contents(key, 1, md5(key), 2)),
];

const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '', 'http://bench');
  response.setHeader('content-type', 'application/xml');
  if (searchParams.has('uploads')) {
    response.end('<ListMultipartUploadsResult><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>');
  } else if (searchParams.get('list-type') === '2') {
    const start = Number(searchParams.get('continuation-token') ?? 0);
    const end = start + pageKeys;
    const isCut = end < objects.length;
    const more = `<IsTruncated>${String(isCut)}</IsTruncated>${isCut ? `<NextContinuationToken>${String(end)}</NextContinuationToken>` : ''}`;
    response.end(`<ListBucketResult>${more}${objects.slice(start, end).join('')}</ListBucketResult>`);
  } else {
    response.statusCode = 500;
    response.end('<Error><Code>NotImplemented</Code></Error>');
  }
});
process.stdout.write(`http://127.0.0.1:${String(await listen(server))}\n`);
process.stdin.on('end', () => process.exit(0)).resume();

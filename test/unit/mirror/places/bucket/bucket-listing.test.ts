import { expect, it } from 'vitest';
import { BucketListing, type HeldImage } from '../../../../../src/mirror/places/bucket/bucket-listing.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';

it.each([null, '', '-', '/', '#', 'a b\n', 'ü', '\ud800', md5, md5.toUpperCase(), `${md5}-12`, `${md5}-`, `#${md5}`])(
  'keeps the ETag %j as the store named it',
  async (etag) => {
    const listing = await BucketListing.read(noPages(), '');
    const sane = etag === '\ud800' ? '\ufffd' : etag;
    const held: HeldImage = {
      id: '1',
      record: etag,
      recordTime: 5,
      hasDigests: true,
      hasFailure: false,
      data: [
        { file: '1/1.raw', size: 2 ** 40, etag: md5 },
        { file: '1/1.qcow2', size: 0, etag },
      ],
    };
    listing.set(held);
    const data = held.data.map((each, at) => (at === 0 ? each : { ...each, etag: sane === '' ? null : sane }));
    expect(listing.get('1')).toEqual({ ...held, record: sane, data });
  },
);

async function* noPages(): AsyncGenerator<never> {
  // A bucket without objects.
}

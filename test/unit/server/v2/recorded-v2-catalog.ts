// The images of the recorded Glance v2, reconstructed from its own answers: all that were ever shown.
import type { Image } from '../../../../src/image/image.ts';
import { parseV2Image } from '../../../../src/image/v2/records.ts';
import {
  type Catalog,
  type CatalogImage,
  type CatalogMember,
  makeCatalog,
} from '../../../../src/server/images/catalog.ts';
import { type ImageBytes, memoryBytes } from '../../../../src/server/answers/image-bytes.ts';
import { getRecording, readRecordings, type RecordedExchange } from '../../../support/recorded.ts';

/** The recorded ids differ only at their end. */
export function seededId(end: string): string {
  return `5eed0000-0000-4000-8000-0000000000${end}`;
}

/** Images of others that lists show to project demo only on request. */
const accepted = seededId('33');
const pending = seededId('34');
const rejected = seededId('35');
const community = seededId('31');

const entries = readEntries();

/** The catalog as whoever requested a list, or one image, saw it. */
export function makeRecordedV2Catalog({ path }: RecordedExchange): Catalog {
  const query = new URL(path, 'http://glance').searchParams;
  const isList = new URL(path, 'http://glance').pathname === '/v2/images';
  const unseen = new Set(isList ? findUnseen(query.get('visibility'), query.get('member_status')) : []);
  return makeCatalog(entries.filter(({ image }) => !unseen.has(image.id)));
}

function findUnseen(visibility: string | null, memberStatus: string | null): readonly string[] {
  const others = new Map([
    ['accepted', accepted],
    ['pending', pending],
    ['rejected', rejected],
  ]);
  const shared = [...others].filter(([status]) => memberStatus !== 'all' && status !== (memberStatus ?? 'accepted'));
  const isCommunityShown = visibility === 'community' || visibility === 'all';
  return [...shared.map(([, id]) => id), ...(isCommunityShown ? [] : [community])];
}

function readEntries(): readonly CatalogImage[] {
  const images = new Map<string, Image>();
  for (const { body, status, path } of readRecordings('glance-v2')) {
    if (status !== 200 || !/^\/v2\/images(?:\/[^/]+)?$/.test(path.replace(/\?.*/, ''))) continue;
    const value = JSON.parse(body.toString('utf8') || '{}') as { images?: unknown[]; id?: string };
    for (const record of value.images ?? (value.id === undefined ? [] : [value])) {
      const image = parseV2Image(record);
      images.set(image.id, image);
    }
  }
  const digits = makeDigits(images);
  images.set(digits.id, digits);
  return [...images.values()].map((image): CatalogImage => {
    return { image, data: findData(image), members: image.id === accepted ? readMembers() : [] };
  });
}

/** The sample for ranges: only its data was kept, but no record of it. */
function makeDigits(images: ReadonlyMap<string, Image>): Image {
  const other = images.get(seededId('26'));
  if (other === undefined) throw new Error('there is no record to go by');
  const checksum = '8529a848d67637db89d4a48955f46d9a';
  const created_at = '2026-02-01T00:18:00Z';
  return { ...other, id: seededId('18'), name: 'digits', size: 1000, checksum, created_at, updated_at: created_at };
}

function findData(image: Image): ImageBytes | null {
  if (image.id === seededId('18')) return memoryBytes(getRecording('file-whole', 'glance-v2').body);
  if (image.id === seededId('27')) return memoryBytes(getRecording('file-one-byte', 'glance-v2').body);
  const isLost = image.id === seededId('92');
  return isLost || image.status !== 'active' || image.size === null ? null : memoryBytes(Buffer.alloc(image.size));
}

function readMembers(): readonly CatalogMember[] {
  const body = getRecording('members-as-member', 'glance-v2').body.toString('utf8');
  const { members } = JSON.parse(body) as { members: Omit<CatalogMember, 'can_share'>[] };
  return members.map((member) => ({ ...member, can_share: false }));
}

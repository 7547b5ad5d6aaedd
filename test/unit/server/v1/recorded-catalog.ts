// The recorded server's images, reconstructed from its own answers.
import type { Image } from '../../../../src/image/image.ts';
import {
  type Catalog,
  type CatalogImage,
  type CatalogMember,
  makeCatalog,
} from '../../../../src/server/images/catalog.ts';
import { type ImageBytes, memoryBytes } from '../../../../src/server/answers/image-bytes.ts';
import { findHeader, getRecording, type RecordedExchange } from '../../../support/recorded.ts';

/** When an exchange was recorded: images came and went meanwhile. */
export type Moment = 'early' | 'uploading' | 'main' | 'late';

interface DetailRecord {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly is_public: boolean;
  readonly disk_format: string | null;
  readonly container_format: string | null;
  readonly size: number | null;
  readonly virtual_size: number | null;
  readonly checksum: string | null;
  readonly min_disk: number;
  readonly min_ram: number;
  readonly owner: string | null;
  readonly protected: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly deleted_at: string | null;
  readonly properties: Readonly<Record<string, string | null>>;
}

/** The recorded ids differ only at their end. */
export function recordedId(end: string): string {
  return `a0000000-0000-4000-8000-0000000000${end}`;
}

const idOf = recordedId;

/** The catalog as it was. */
export function makeRecordedCatalog(moment: Moment): Catalog {
  const records = [
    ...readDetails('detail-all'),
    ...readDetails('detail-v2-queued'),
    ...readDetails('detail-changes-since'),
  ];
  const images = new Map(records.map((record) => [record.id, fromDetail(record)]));
  for (const name of ['head-private-owner', 'head-owner-null-private', 'head-community-anonymous', 'head-big']) {
    const image = fromHeaders(getRecording(name));
    images.set(image.id, image);
  }
  for (const image of goneImages()) images.set(image.id, image);
  images.set(idOf('37'), { ...getImage(images, '37'), visibility: 'community' });
  if (moment === 'uploading') images.set(idOf('24'), fromHeaders(getRecording('head-saving')));
  const hidden = { early: ['24', '41', '90'], uploading: ['41', '90'], main: ['41', '90'], late: [] }[moment].map(idOf);
  const data = readData();
  const entries = [...images.values()]
    .filter(({ id }) => !hidden.includes(id))
    .map((image): CatalogImage => ({ image, data: data.get(image.id) ?? null, members: membersOf(image.id) }));
  return makeCatalog(entries);
}

function getImage(images: ReadonlyMap<string, Image>, end: string): Image {
  const image = images.get(idOf(end));
  if (image === undefined) throw new Error(`no image ${end}`);
  return image;
}

function readDetails(name: string): readonly DetailRecord[] {
  return (JSON.parse(getRecording(name).body.toString('utf8')) as { images: DetailRecord[] }).images;
}

/** Killed and waiting to be deleted: only summaries of them were recorded, so their times are invented to fit the order. */
function goneImages(): readonly Image[] {
  const summaries = readDetails('list-changes-since');
  const gone = [
    { end: '23', status: 'killed', created_at: '2026-11-23T11:52:34.100000' },
    { end: '32', status: 'pending_delete', created_at: '2026-11-23T11:52:38.000000' },
  ];
  return gone.map(({ end, status, created_at }) => {
    const summary = summaries.find(({ id }) => id === idOf(end));
    if (summary === undefined) throw new Error(`no summary of ${end}`);
    const rest = { virtual_size: null, min_disk: 0, min_ram: 0, owner: 'adm', protected: false, deleted_at: null };
    return fromDetail({
      ...summary,
      ...rest,
      status,
      created_at,
      updated_at: created_at,
      is_public: true,
      properties: {},
    });
  });
}

function fromDetail(record: DetailRecord): Image {
  const { is_public, created_at, updated_at, deleted_at, properties, ...rest } = record;
  return {
    id: rest.id,
    name: rest.name,
    status: rest.status,
    visibility: is_public ? 'public' : 'private',
    disk_format: rest.disk_format,
    container_format: rest.container_format,
    size: rest.size,
    virtual_size: rest.virtual_size,
    checksum: rest.checksum,
    os_hash_algo: null,
    os_hash_value: null,
    os_hidden: null,
    min_disk: rest.min_disk,
    min_ram: rest.min_ram,
    owner: rest.owner,
    protected: rest.protected,
    tags: [],
    created_at: `${created_at}Z`,
    updated_at: `${updated_at}Z`,
    deleted_at: deleted_at === null ? null : `${deleted_at}Z`,
    direct_url: null,
    locations: null,
    stores: null,
    properties,
  };
}

function fromHeaders(exchange: RecordedExchange): Image {
  const field = (name: string): string | null => findHeader(exchange, `x-image-meta-${name}`) ?? null;
  return fromDetail({
    id: field('id') ?? '',
    name: field('name'),
    status: field('status') ?? '',
    is_public: field('is_public') === 'True',
    disk_format: field('disk_format'),
    container_format: field('container_format'),
    size: Number(field('size')),
    virtual_size: null,
    checksum: field('checksum'),
    min_disk: Number(field('min_disk')),
    min_ram: Number(field('min_ram')),
    owner: field('owner'),
    protected: field('protected') === 'True',
    created_at: field('created_at') ?? '',
    updated_at: field('updated_at') ?? '',
    deleted_at: null,
    properties: {},
  });
}

function membersOf(id: string): readonly CatalogMember[] {
  if (id !== idOf('12')) return [];
  return (JSON.parse(getRecording('members-owner').body.toString('utf8')) as { members: CatalogMember[] }).members;
}

/** The data of the images that were downloaded. */
function readData(): ReadonlyMap<string, ImageBytes> {
  const whole = [
    'get-plain',
    'get-zero-bytes',
    'get-external-location',
    'get-truncated-in-store',
    'get-altered-in-store',
  ];
  const data = new Map(
    whole.map((name) => [
      findHeader(getRecording(name), 'x-image-meta-id') ?? '',
      memoryBytes(getRecording(name).body),
    ]),
  );
  // The first recording breaks off after 7000 bytes, the second after the headers.
  data.set(idOf('38'), memoryBytes(Buffer.alloc(20_000, 'x')));
  data.set(idOf('90'), { ...memoryBytes(Buffer.alloc(0)), size: 1_500_000_000 });
  return data;
}

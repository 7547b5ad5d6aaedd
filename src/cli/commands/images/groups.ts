// One image for people: related fields together, sizes with exact bytes, readable times. Unset fields that say nothing
// are left out.
import type { Image } from '../../../image/image.ts';
import type { Field, FieldGroup } from '../../../output/record.ts';
import type { Column } from '../../../output/render.ts';
import { describeBytes } from '../../../output/size.ts';
import { toReadable } from '../../../output/text.ts';
import { formatTimestamp, type TimeFormat } from '../../../output/time.ts';
import { paintStatus, paintVisibility, yesOrNo } from './columns.ts';

interface GroupOptions {
  /** Adds how long ago a time was; null leaves the time as it is. */
  readonly age: TimeFormat | null;
  /** Whether to show unset fields too. */
  readonly wide: boolean;
}

type Key = Exclude<keyof Image, 'properties'>;

/** Fields that are shown even if unset, since that is worth knowing. */
const alwaysShown: ReadonlySet<Key> = new Set(['name', 'disk_format', 'container_format', 'size', 'checksum', 'owner']);

const groups: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  {
    title: 'Identity',
    keys: [
      'name',
      'id',
      'status',
      'visibility',
      'os_hidden',
      'owner',
      'protected',
      'tags',
      'created_at',
      'updated_at',
      'deleted_at',
    ],
  },
  {
    title: 'Data',
    keys: ['disk_format', 'container_format', 'size', 'virtual_size', 'checksum', 'os_hash_algo', 'os_hash_value'],
  },
  { title: 'Requirements', keys: ['min_disk', 'min_ram'] },
];

/** The groups of an image that are not empty. Their keys are the image's, as `-c` accepts them. */
export function imageGroups(image: Image, options: GroupOptions): readonly FieldGroup[] {
  const shown = ({ key, text }: Field): boolean => options.wide || text !== '' || alwaysShown.has(key as Key);
  const toFields = (keys: readonly Key[]): readonly Field[] => keys.map((key) => toField(image, key, options));
  const properties = Object.entries(image.properties).map(([key, value]) => ({ key, text: value ?? '' }));
  return [
    ...groups.map(({ title, keys }) => ({ title, fields: toFields(keys).filter(shown) })),
    { title: 'Properties', fields: properties },
    { title: 'Location', fields: [...toFields(['direct_url', 'locations', 'stores'])].filter(shown) },
  ].filter(({ fields }) => fields.length > 0);
}

/** The text of a value, if people would not want to read the value itself. */
const texts: Partial<Record<Key, (image: Image, options: GroupOptions) => string>> = {
  os_hidden: ({ os_hidden }) => (os_hidden === true ? 'yes' : ''),
  protected: (image) => yesOrNo(image.protected),
  size: ({ size }) => (size === null ? '' : describeBytes(size)),
  virtual_size: ({ virtual_size }) => (virtual_size === null ? '' : describeBytes(virtual_size)),
  min_disk: ({ min_disk }) => describeLeast(min_disk, 'GB'),
  min_ram: ({ min_ram }) => describeLeast(min_ram, 'MB'),
  created_at: ({ created_at }, { age }) => describeTime(created_at, age),
  updated_at: ({ updated_at }, { age }) => describeTime(updated_at, age),
  deleted_at: ({ deleted_at }, { age }) => describeTime(deleted_at, age),
  locations: ({ locations }) => toReadable(locations?.map(({ url }) => url)),
};

const paints: Partial<Record<Key, NonNullable<Column['paint']>>> = { status: paintStatus, visibility: paintVisibility };

function toField(image: Image, key: Key, options: GroupOptions): Field {
  const text = texts[key]?.(image, options) ?? toReadable(image[key]);
  const paint = paints[key];
  return paint === undefined ? { key, text } : { key, text, paint: (line, style) => paint(line, image[key], style) };
}

function describeLeast(amount: number | null, unit: string): string {
  if (amount === null) return '';
  return amount === 0 ? 'none' : `${String(amount)} ${unit}`;
}

function describeTime(time: string | null, age: TimeFormat | null): string {
  if (time === null) return '';
  const when = formatTimestamp(time);
  return age === null || when === time ? when : `${when}, ${age(time)}`;
}

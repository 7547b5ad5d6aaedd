// How images, members and stores look in tables: columns, labels, colours, and which come first on a narrow terminal.
import type { Column } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import type { Style } from '../../../output/style.ts';
import type { TimeFormat } from '../../../output/time.ts';

/** Bytes for people; empty if the value is not a number. */
const sizeText = (value: unknown): string => (typeof value === 'number' ? formatBytes(value) : '');

const statusColours: Readonly<Record<string, 'green' | 'yellow' | 'red'>> = {
  active: 'green',
  queued: 'yellow',
  saving: 'yellow',
  uploading: 'yellow',
  importing: 'yellow',
  deactivated: 'red',
  killed: 'red',
  deleted: 'red',
  pending_delete: 'red',
  accepted: 'green',
  pending: 'yellow',
  rejected: 'red',
};

const visibilityColours: Readonly<Record<string, 'cyan' | 'magenta'>> = {
  public: 'cyan',
  community: 'cyan',
  shared: 'magenta',
};

/** Colours the status of an image or a member; an unknown status stays as it is. */
export function paintStatus(text: string, value: unknown, style: Style): string {
  const colour = typeof value === 'string' && Object.hasOwn(statusColours, value) ? statusColours[value] : undefined;
  return colour === undefined ? text : style[colour](text);
}

/** Colours a visibility: the more people can see the image, the stronger. */
export function paintVisibility(text: string, value: unknown, style: Style): string {
  const known = typeof value === 'string' && Object.hasOwn(visibilityColours, value);
  const colour = known ? visibilityColours[value] : undefined;
  return colour === undefined ? text : style[colour](text);
}

const dim = (text: string, _value: unknown, style: Style): string => style.dim(text);

/** A boolean for people; empty if the value is not one. */
export const yesOrNo = (value: unknown): string => (typeof value === 'boolean' ? (value ? 'yes' : 'no') : '');
const quantity = (value: unknown, unit: string): string =>
  typeof value === 'number' ? `${String(value)} ${unit}` : '';

/** The columns of `list`. The id comes early: it distinguishes images of the same name, and other commands take it. */
export function imageColumns(time: TimeFormat): readonly Column[] {
  return [
    { key: 'name', label: 'Name', priority: 1 },
    { key: 'id', label: 'ID', priority: 2, whole: true, paint: dim },
    { key: 'status', label: 'Status', priority: 3, paint: paintStatus },
    { key: 'visibility', label: 'Visibility', priority: 6, paint: paintVisibility },
    { key: 'disk_format', label: 'Format', priority: 5 },
    { key: 'container_format', label: 'Container', priority: 9, extra: true },
    { key: 'size', label: 'Size', align: 'right', priority: 4, show: sizeText },
    { key: 'virtual_size', label: 'Virtual size', align: 'right', priority: 9, extra: true, show: sizeText },
    { key: 'min_disk', label: 'Min disk', align: 'right', priority: 9, extra: true, show: (gb) => quantity(gb, 'GB') },
    { key: 'min_ram', label: 'Min RAM', align: 'right', priority: 9, extra: true, show: (mb) => quantity(mb, 'MB') },
    { key: 'owner', label: 'Owner', priority: 9, extra: true, whole: true },
    { key: 'protected', label: 'Protected', priority: 9, extra: true, show: yesOrNo },
    { key: 'tags', label: 'Tags', priority: 9, extra: true },
    { key: 'created_at', label: 'Created', priority: 7, show: time },
    { key: 'updated_at', label: 'Updated', priority: 9, extra: true, show: time },
  ];
}

/** The columns of `members`. */
export function memberColumns(time: TimeFormat): readonly Column[] {
  return [
    { key: 'member_id', label: 'Project', priority: 1, whole: true },
    { key: 'status', label: 'Status', priority: 3, paint: paintStatus },
    { key: 'can_share', label: 'Can share', priority: 4, show: yesOrNo },
    { key: 'image_id', label: 'Image ID', priority: 2, whole: true, paint: dim },
    { key: 'created_at', label: 'Created', priority: 9, extra: true, show: time },
    { key: 'updated_at', label: 'Updated', priority: 5, show: time },
  ];
}

/** The columns of `stores`. */
export const storeColumns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 1, whole: true },
  { key: 'default', label: 'Default', priority: 2, show: (value) => (value === true ? 'default' : '') },
  { key: 'description', label: 'Description', priority: 3 },
];

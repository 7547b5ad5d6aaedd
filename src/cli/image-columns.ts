// How images and members look in tables: columns, labels, and which yield first on a narrow terminal.
import type { Column } from '../output/render.ts';
import { formatBytes } from '../output/size.ts';

const sizeText = (value: unknown): string => (typeof value === 'number' ? formatBytes(value) : '');

/** The columns of `list`. */
export const imageColumns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 1, whole: true },
  { key: 'name', label: 'Name', priority: 2 },
  { key: 'status', label: 'Status', priority: 3 },
  { key: 'disk_format', label: 'Format', priority: 5 },
  { key: 'size', label: 'Size', align: 'right', priority: 4, show: sizeText },
  { key: 'visibility', label: 'Visibility', priority: 6 },
  { key: 'updated_at', label: 'Updated', priority: 7 },
];

/** The columns of `members`. */
export const memberColumns: readonly Column[] = [
  { key: 'image_id', label: 'Image ID', priority: 2, whole: true },
  { key: 'member_id', label: 'Project', priority: 1, whole: true },
  { key: 'status', label: 'Status', priority: 3 },
  { key: 'can_share', label: 'Can share', priority: 4 },
];

/** The columns of `stores`. */
export const storeColumns: readonly Column[] = [
  { key: 'id', label: 'ID', priority: 1, whole: true },
  { key: 'default', label: 'Default', priority: 2 },
  { key: 'description', label: 'Description', priority: 3 },
];

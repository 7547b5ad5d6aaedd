// The metadata of an image of which nothing is known but its file.
import { createHash } from 'node:crypto';
import { containerOf } from '../../disk/detect.ts';
import type { DetectedFormat } from '../../disk/parsing/finding.ts';
import type { Image } from '../../image/image.ts';
import { bareImage } from '../images/record.ts';

/** What a file tells of the image in it. */
export interface FileFacts {
  /** Name of the file, without directory. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly mtimeMs: number;
  /** What its bytes are; null where that was not looked at, or cannot be told. */
  readonly format: DetectedFormat | null;
}

/** Formats by extension. */
const namedFormats: Readonly<Record<string, string>> = {
  img: 'raw',
  raw: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vhd: 'vhd',
  vhdx: 'vhdx',
  vdi: 'vdi',
  iso: 'iso',
  ploop: 'ploop',
  ami: 'ami',
  ari: 'ari',
  aki: 'aki',
};

/** Formats of a disk as Glance names them, by what bytes can be. Another is none that a Glance knows. */
const detectedFormats: { readonly [format in DetectedFormat]?: string } = {
  raw: 'raw',
  luks: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vhd: 'vhd',
  vhdx: 'vhdx',
  vdi: 'vdi',
  iso: 'iso',
  ploop: 'ploop',
  // What an appliance contains, and what stands beside layers of a container.
  ova: 'vmdk',
  tar: 'raw',
};

/** Parts of a machine image, which no bytes tell. Each is its container too. @see Glance 25, glance/api/v2/images.py */
const machineParts: ReadonlySet<string> = new Set(['ami', 'ari', 'aki']);

/** The image that a file without sidecar is. Pure: the same file name gives the same id, everywhere. */
export function deriveImage(file: FileFacts): Image {
  const { size, mtimeMs: timeMs } = file;
  const bare = bareImage({ id: deriveId(file.name), name: withoutExtension(file.name), size, timeMs });
  return { ...bare, ...deriveFormats(file) };
}

/** By what the bytes are. The name tells of what is compressed, and of the parts of a machine image. */
function deriveFormats({ name, format }: FileFacts): Pick<Image, 'disk_format' | 'container_format'> {
  if (format === null) return { disk_format: null, container_format: 'bare' };
  const container = containerOf(format);
  const named = formatByName(name);
  if (named !== null && machineParts.has(named) && (format === 'raw' || container === 'compressed'))
    return { disk_format: named, container_format: named };
  if (container === 'compressed')
    return { disk_format: formatByName(name.slice(0, name.lastIndexOf('.'))) ?? 'raw', container_format: container };
  return { disk_format: detectedFormats[format] ?? null, container_format: container };
}

function extensionOf(name: string): string {
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : '';
}

function formatByName(name: string): string | null {
  const extension = extensionOf(name);
  return Object.hasOwn(namedFormats, extension) ? (namedFormats[extension] ?? null) : null;
}

/** What follows the last dot of `ubuntu-24.04` is part of the name. */
function withoutExtension(name: string): string {
  return formatByName(name) === null ? name : name.slice(0, name.lastIndexOf('.'));
}

/** A UUID made from a name, marked as such: version 8. @see RFC 9562, 5.8 */
function deriveId(name: string): string {
  const hex = createHash('sha256').update(`glance-cli image file\n${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

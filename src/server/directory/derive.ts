// Derives an image's metadata if only its file is known.
import { createHash } from 'node:crypto';
import { containerOf } from '../../disk/detect.ts';
import type { DetectedFormat } from '../../disk/parsing/finding.ts';
import type { Image } from '../../image/image.ts';
import { bareImage } from '../images/record.ts';

/** What a file says about the image in it. */
interface FileFacts {
  /** Name of the file, without directory. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970 UTC. */
  readonly mtimeMs: number;
  /** Format of its bytes; null if it was not examined or cannot be determined. */
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

/** Glance's names for the disk formats that bytes can have. Glance knows none of the others. */
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
  // The disk in an appliance, and the disk format that goes with the layers of a container.
  ova: 'vmdk',
  tar: 'raw',
};

/**
 * Parts of a machine image, which cannot be recognised by their bytes. The container format is the same.
 * @see Glance 25, glance/api/v2/images.py
 */
const machineParts: ReadonlySet<string> = new Set(['ami', 'ari', 'aki']);

/** The image that a file without a sidecar represents. Pure: the same file name always gives the same id. */
export function deriveImage(file: FileFacts): Image {
  const { size, mtimeMs: timeMs } = file;
  const bare = bareImage({ id: deriveId(file.name), name: withoutExtension(file.name), size, timeMs });
  return { ...bare, ...deriveFormats(file) };
}

/** Judges by the bytes. The name decides only for compressed files and for parts of a machine image. */
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

/** Keeps what follows the last dot in `ubuntu-24.04`, which is part of the name. */
function withoutExtension(name: string): string {
  return formatByName(name) === null ? name : name.slice(0, name.lastIndexOf('.'));
}

/** A UUID derived from a name, and marked as such: version 8. @see RFC 9562, 5.8 */
function deriveId(name: string): string {
  const hex = createHash('sha256').update(`glance-cli image file\n${name}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}

// Keeps the rows of a report in little memory: a plan may cover a hundred thousand images, and each row is read only at
// the end.
import { PackedMap } from '../../compact/packed-map.ts';
import type { MirrorRow } from '../mirror/report.ts';

export class RowStore {
  readonly #packed = new PackedMap();

  has(image: string): boolean {
    return this.#packed.has(image);
  }

  set(row: MirrorRow): void {
    this.#packed.set(row.image, pack(row));
  }

  /** In the order in which their images came. */
  *rows(): Generator<MirrorRow, void, undefined> {
    for (const [image, packed] of this.#packed) yield unpack(image, packed);
  }
}

/** The ids are left out of the path. */
function pack({ action, image, name, path, bytes, reason }: MirrorRow): string {
  const format = path === null ? null : path.slice(2 * image.length + 2);
  return Buffer.from(JSON.stringify([action, name, format, bytes, reason])).toString('latin1');
}

type Packed = readonly [MirrorRow['action'], string | null, string | null, number | null, string | null];

function unpack(image: string, packed: string): MirrorRow {
  const [action, name, format, bytes, reason] = JSON.parse(Buffer.from(packed, 'latin1').toString()) as Packed;
  return { action, image, name, path: format === null ? null : `${image}/${image}.${format}`, bytes, reason };
}

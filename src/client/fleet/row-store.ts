// Keeps the rows of a report in little memory: a plan may cover a hundred thousand images, and each row is read only at
// the end.
import type { MirrorRow } from '../mirror/report.ts';

/** Rows unpacked at once. */
const pageSize = 1000;

export class RowStore {
  readonly #packed = new Map<string, string>();

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

/** Groups rows into pages. */
export function* pagesOf(rows: Iterable<MirrorRow>): Generator<readonly MirrorRow[], void, undefined> {
  let page: MirrorRow[] = [];
  for (const row of rows) {
    page.push(row);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

/** Packed into one flat string: a concatenated one would keep its parts alive. The ids are left out of the path. */
function pack({ action, image, name, path, bytes, reason }: MirrorRow): string {
  const format = path === null ? null : path.slice(2 * image.length + 2);
  return Buffer.from(JSON.stringify([action, name, format, bytes, reason])).toString('latin1');
}

type Packed = readonly [MirrorRow['action'], string | null, string | null, number | null, string | null];

function unpack(image: string, packed: string): MirrorRow {
  const [action, name, format, bytes, reason] = JSON.parse(Buffer.from(packed, 'latin1').toString()) as Packed;
  return { action, image, name, path: format === null ? null : `${image}/${image}.${format}`, bytes, reason };
}

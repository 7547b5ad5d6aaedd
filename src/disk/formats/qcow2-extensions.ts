// The header extensions of qcow2: type, length, data padded to 8 bytes; type 0 ends them.
import { countOf } from '../../text/count.ts';
import { textOf, viewOf } from '../parsing/bytes.ts';
import type { Draft } from '../parsing/draft.ts';
import type { Reading } from '../parsing/parser.ts';

const dataFileName = 0x44415441;
const backingFormat = 0xe2792aca;
const names: ReadonlyMap<number, string> = new Map([
  [backingFormat, 'backing_format'],
  [0x0537be77, 'luks_header'],
  [0x23852875, 'bitmaps'],
  [0x6803f857, 'feature_names'],
  [dataFileName, 'data_file_name'],
]);

/** More than any program writes; bounds the number of requests. */
const maxExtensions = 64;
const longestName = 4096;

interface ExtensionPlace {
  /** Where the header ends. */
  readonly start: number;
  /** The header. */
  readonly view: DataView;
  readonly clusterBytes: number;
}

/** Reads the extensions, up to the name of the backing file or the end of the first cluster. */
export function* readExtensions(draft: Draft, { start, view, clusterBytes }: ExtensionPlace): Reading<void> {
  const backingOffset = view.getBigUint64(8);
  const hasName = backingOffset >= BigInt(start) && backingOffset < BigInt(clusterBytes);
  const end = hasName ? Number(backingOffset) : clusterBytes;
  const found: string[] = [];
  let position = start;
  for (let count = 0; position + 8 <= end; count++) {
    const head = yield { from: 'start', offset: position, length: 8 };
    if (head === null || head.length < 8) {
      draft.truncated('the header extensions');
      break;
    }
    const type = viewOf(head).getUint32(0);
    const length = viewOf(head).getUint32(4);
    if (type === 0) break;
    if (position + 8 + length > end || count >= maxExtensions) {
      draft.require(false, `header extension 0x${type.toString(16)} of ${countOf(length, 'byte')} overruns its room`);
      break;
    }
    found.push(names.get(type) ?? `0x${type.toString(16).padStart(8, '0')}`);
    if (type === dataFileName || type === backingFormat) {
      const bytes = yield { from: 'start', offset: position + 8, length: Math.min(length, longestName) };
      if (type === backingFormat) draft.detail('backing_format', textOf(bytes ?? new Uint8Array()));
      else if (draft.dataFile !== null) draft.dataFile = textOf(bytes ?? new Uint8Array());
    }
    position += 8 + Math.ceil(length / 8) * 8;
  }
  if (found.length > 0) draft.detail('extensions', found);
}

// Records what is in an image that has just been mirrored, beside its data.
import { basename, dirname, join } from 'node:path';
import type { HazardCode } from '../../disk/parsing/hazards.ts';
import type { Image } from '../../image/image.ts';
import { contentsName, formatContents } from '../../mirror/contents-file.ts';
import { dataPath } from '../../mirror/index-file.ts';
import type { FilePlace, KeptData, WholeData } from '../../mirror/places/place.ts';
import { writeReplacing } from '../../transfer/files/replace-file.ts';
import { closeRead, openRegular } from '../../transfer/files/small-file.ts';
import type { Connection } from '../connection.ts';
import { inspectRanges } from '../inspect/inspect-ranges.ts';

const fileMode = 0o644;
/** The other hazards depend on the date, or on the record, which may change: readers of the file work those out again. */
const lasting: ReadonlySet<string> = new Set<HazardCode>([
  'host_keys',
  'machine_id_set',
  'password_set',
  'authorized_keys',
  'shell_history',
  'cloud_init_missing',
]);

/**
 * Reads the image and writes `contents.json`. The file also says what could not be read.
 * @param target where the data is
 * @throws GlanceError `io.*`, `place.*` if the file cannot be written; the signal's reason
 */
export async function keepContents(
  { system }: Connection,
  image: Image,
  target: FilePlace | WholeData,
  { bytes, digests }: KeptData,
  signal: AbortSignal,
): Promise<void> {
  const whole = 'path' in target ? await openFile(target) : target;
  try {
    const source = {
      size: bytes,
      read: (offset: number, length: number, within: AbortSignal) => whole.read(offset, length, within),
    };
    const context = { now: system.clock.wallTime(), signal };
    const report = await inspectRanges(image, dataPath(image), source, { contents: true }, context);
    if (report.contents === null) return;
    const file = basename(dataPath(image));
    const hazards = report.hazards.filter(({ code }) => lasting.has(code));
    const text = formatContents({ file, size: bytes, digests, contents: report.contents, hazards });
    await whole.keep(contentsName, text, signal);
  } finally {
    await whole.close();
  }
}

async function openFile({ path, fileSystem }: FilePlace): Promise<WholeData> {
  const opened = await openRegular(fileSystem, path);
  return {
    read: async (offset, length) => {
      const buffer = new Uint8Array(length);
      return buffer.subarray(0, await opened.read(buffer, 0, length, offset));
    },
    keep: async (name, text) => await writeReplacing(fileSystem, join(dirname(path), name), [text], fileMode),
    close: () => closeRead(opened),
  };
}

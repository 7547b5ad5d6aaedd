// contents.json beside an image's data: what is in its disk, read as the data arrived. Pure.
import type { Digest } from '../digests.ts';
import { fromDigests } from './index-file.ts';

export const contentsName = 'contents.json';

/** What was read from an image's data. */
interface ContentsFile {
  /** Name of the data beside it, `<id>.<format>`. */
  readonly file: string;
  /** Bytes of the data. */
  readonly size: number;
  /** Digests of the data that the contents belong to. */
  readonly digests: readonly Digest[];
  /** As in a report. */
  readonly contents: object;
  readonly hazards: readonly object[];
}

/** The text of the file. */
export function formatContents({ digests, ...rest }: ContentsFile): string {
  const sha512 = digests.filter(({ algorithm }) => algorithm === 'sha512');
  return `${JSON.stringify({ schema: 1, ...rest, digests: fromDigests(sha512) })}\n`;
}

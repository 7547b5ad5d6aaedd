// contents.json beside an image's data: what is in its disk, read when the data came. Pure.
import type { Digest } from '../digests.ts';
import { fromDigests } from './index-file.ts';

export const contentsName = 'contents.json';

/** What was read of an image's data. */
export interface ContentsFile {
  /** Name of the data beside it, `<id>.<format>`. */
  readonly file: string;
  /** Bytes of the data. */
  readonly size: number;
  /** Of the data: whose contents they are. */
  readonly digests: readonly Digest[];
  /** As in a report. */
  readonly contents: object;
  readonly hazards: readonly object[];
}

/** Its text. */
export function formatContents({ digests, ...rest }: ContentsFile): string {
  const sha512 = digests.filter(({ algorithm }) => algorithm === 'sha512');
  return `${JSON.stringify({ schema: 1, ...rest, digests: fromDigests(sha512) })}\n`;
}

import { type GuestFile, guestFileKeys } from '../../../client/guest/guest-file.ts';
import { listFiles } from '../../../client/guest/list-files.ts';
import type { Column } from '../../../output/columns.ts';
import { renderList } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import type { TimeFormat } from '../../../output/time.ts';
import { untilFailure } from '../../../output/until-failure.ts';
import type { Context } from '../../context.ts';
import type { FilesOptions } from '../../options/guest-options.ts';
import { openTarget, parseTarget } from './target.ts';

/** `files <image> [path]`: a directory within an image. */
export async function files(
  context: Context,
  target: string,
  path: string | undefined,
  options: FilesOptions,
): Promise<void> {
  const { image, path: directory } = parseTarget(target, path);
  await openTarget(context, image, options, async (guest) => {
    const results = await context.resultOptions();
    const listed = listFiles(guest, directory ?? '/');
    const shown = { columns: fileColumns(context.timeFormat), keys: guestFileKeys, ...results };
    if (results.format !== 'table') {
      // Half an array must not pass for a complete one.
      await context.print(renderList({ pages: listed, ...shown }));
      return;
    }
    const { pages, finish } = untilFailure(listed);
    await context.print(renderList({ pages, ...shown }));
    finish();
  });
}

function fileColumns(time: TimeFormat): readonly Column[] {
  return [
    { key: 'name', label: 'Name', priority: 1, show: nameText },
    { key: 'type', label: 'Type', priority: 4 },
    { key: 'size', label: 'Size', align: 'right', priority: 2, show: sizeText },
    { key: 'mode', label: 'Mode', priority: 5, whole: true, show: modeText },
    { key: 'uid', label: 'User', align: 'right', priority: 9, extra: true },
    { key: 'gid', label: 'Group', align: 'right', priority: 9, extra: true },
    { key: 'modified_at', label: 'Modified', priority: 3, show: time },
  ];
}

/** `lib -> usr/lib` */
function nameText(value: unknown, row: Partial<GuestFile>): string {
  const name = String(value);
  return typeof row.target === 'string' ? `${name} -> ${row.target}` : name;
}

/** For a directory, its size says nothing about how much is in it. */
function sizeText(value: unknown, { type }: Partial<GuestFile>): string {
  return typeof value === 'number' && (type === undefined || type === 'file') ? formatBytes(value) : '';
}

/** `rwxr-xr-x`, with `s` and `t` as in `ls -l`. */
function modeText(value: unknown): string {
  const [special = 0, ...classes] = Array.from(String(value), Number);
  const letters = classes.map((bits, index) => {
    const [read, write, execute] = [4, 2, 1].map((bit) => Math.floor(bits / bit) % 2 === 1);
    const isSpecial = Math.floor(special / 2 ** (2 - index)) % 2 === 1;
    const mark = index === 2 ? 't' : 's';
    const last = isSpecial ? (execute === true ? mark : mark.toUpperCase()) : execute === true ? 'x' : '-';
    return `${read === true ? 'r' : '-'}${write === true ? 'w' : '-'}${last}`;
  });
  return letters.join('');
}

// Verdicts of `verify` for people: the result first, then each fact once.
import type { VerdictCounts } from '../../../client/mirror/verify-mirror.ts';
import type { ComparedImage, Verdict } from '../../../client/verify.ts';
import { type Field, renderGroups } from '../../../output/record.ts';
import type { Column } from '../../../output/render.ts';
import { describeBytes } from '../../../output/size.ts';
import type { Style } from '../../../output/style.ts';
import { countOf } from '../../../text/count.ts';
import { shorten } from '../../../text/shorten.ts';
import type { ResultOptions } from '../../context.ts';

/** The columns of a mirror's verdicts. */
export const verdictColumns: readonly Column[] = [
  { key: 'status', label: 'Status', priority: 1, paint: paintStatus },
  { key: 'path', label: 'File', priority: 1 },
  { key: 'algorithm', label: 'Compared', priority: 3 },
  { key: 'reason', label: 'Reason', priority: 2 },
];

function paintStatus(text: string, value: unknown, style: Style): string {
  if (value === 'ok') return style.green(text);
  return value === 'unlisted' ? style.yellow(text) : style.red(text);
}

/** Whether a person reads the result, and chose no columns. */
export function forPeople({ format, selected }: ResultOptions): boolean {
  return format === 'table' && selected === null;
}

/** The verdict on one file. */
export async function* describeVerdict(
  verdict: Verdict,
  image: ComparedImage | null,
  results: ResultOptions,
): AsyncGenerator<string> {
  const { path, status, size, expected_size, reason } = verdict;
  const isOther = expected_size !== null && expected_size !== size;
  const facts: readonly Field[] = [
    { key: 'status', text: status, paint: (text, style) => paintStatus(text, status, style) },
    { key: 'path', text: path },
    { key: 'image', text: shorten(image?.name ?? '') },
    { key: 'id', text: shorten(image?.id ?? '') },
    { key: 'size', text: size === null ? '' : describeBytes(size) },
    { key: 'expected_size', text: isOther ? describeBytes(expected_size) : '' },
    ...digestFields(verdict),
    { key: 'reason', text: reason ?? '' },
  ];
  const shown = facts.filter(({ text }) => text !== '');
  yield await renderGroups([{ title: '', fields: shown }], { ...results, headers: false });
}

/** The verdict on a mirror in a line: what was found, and how much. */
export function describeMirror(counts: VerdictCounts, isWhole: boolean, style: Style): string {
  const { bad, unreadable } = counts;
  const word =
    bad > 0 ? style.red('bad') : unreadable > 0 || !isWhole ? style.yellow('not all compared') : style.green('good');
  return `verdict: ${word}, ${countVerdicts(counts)}\n`;
}

/** How many images were good, how many are not listed yet, and how many findings there are. */
export function countVerdicts({ good, unlisted, unreadable, bad }: VerdictCounts): string {
  const waiting = unlisted === 0 ? '' : `, ${countOf(unlisted, 'image')} not listed yet`;
  return `${countOf(good, 'image')} good${waiting}, ${countOf(bad + unreadable, 'finding')}`;
}

/** Both digests of files whose bytes differ. */
export async function* describeDigests(altered: readonly Verdict[], results: ResultOptions): AsyncGenerator<string> {
  if (altered.length === 0) return;
  const groups = altered.map((verdict) => ({ title: verdict.path, fields: digestFields(verdict) }));
  yield `\n${await renderGroups(groups, results)}`;
}

/** A digest that was both expected and found is shown once. */
function digestFields({ algorithm, expected, actual }: Verdict): readonly Field[] {
  if (algorithm === null) return [];
  if (expected === actual) return [{ key: algorithm, text: actual ?? '' }];
  return [
    { key: 'algorithm', text: algorithm },
    { key: 'expected', text: expected ?? '' },
    { key: 'actual', text: actual ?? '' },
  ];
}

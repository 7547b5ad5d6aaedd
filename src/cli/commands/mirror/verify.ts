import { GlanceError } from '../../../errors.ts';
import { digestsOf } from '../../../image/data-answer.ts';
import {
  type Expected,
  expectedOf,
  readIndex,
  readSidecar,
  noVerdict,
  type Verdict,
  verdictKeys,
  verifyFile,
} from '../../../mirror/verify.ts';
import { verifyMirror } from '../../../mirror/verify-mirror.ts';
import { indexName, type MirrorIndex } from '../../../mirror/index-file.ts';
import type { Column } from '../../../output/columns.ts';
import { countOf } from '../../../text/count.ts';
import { renderList, renderOne } from '../../../output/render.ts';
import { absolutePath } from '../../../local/places.ts';
import { isDirectory, isThere } from '../../../transfer/files/target.ts';
import { findImage } from '../../../client/find.ts';
import { type Context, readerLeft } from '../../context.ts';
import { openProgress } from '../../progress.ts';
import type { VerifyOptions } from '../../options/directory-options.ts';
import { nativeFormat } from '../../options/options.ts';

const defaultJobs = 2;

const columns: readonly Column[] = [
  {
    key: 'status',
    label: 'Status',
    priority: 1,
    paint: (text, value, style) =>
      value === 'ok' ? style.green(text) : value === 'unlisted' ? style.yellow(text) : style.red(text),
  },
  { key: 'path', label: 'File', priority: 1 },
  { key: 'algorithm', label: 'Compared', priority: 3 },
];

/** `verify <path> [image]`: whether a file, or every file of a mirror, is what it was. */
export async function verify(
  context: Context,
  path: string,
  query: string | undefined,
  options: VerifyOptions,
): Promise<void> {
  const target = absolutePath(context.runtime.cwd, path);
  if (await isDirectory(target)) {
    if (query !== undefined || options.expect !== undefined) {
      throw new GlanceError(
        'usage.argument',
        'a mirror is compared with its index: name no image, and nothing to expect',
      );
    }
    await verifyDirectory(context, target, options);
    return;
  }
  // Before anything is asked of a server, or of a record that would be missing too.
  if (!(await isThere(target))) throw missingError(path);
  const expected = await findExpected(context, target, query, options);
  const verdict = await verifyFile(target, path, expected, { signal: context.runtime.signal });
  if (verdict.status === 'missing') throw missingError(path);
  const row = shownOf(context, verdict);
  const keys = row === verdict ? verdictKeys : Object.keys(row);
  const printing = context.print(renderOne({ row, keys, ...(await context.resultOptions()) }));
  await context.printVerdict(printing, () => (verdict.status === 'ok' ? null : toError(verdict)));
}

function missingError(path: string): GlanceError {
  return new GlanceError('io.missing', `${path}: there is no such file`, { hint: 'check the path' });
}

/** People are shown what there is; programs get every key. */
function shownOf(context: Context, verdict: Verdict): object {
  const isTable = nativeFormat(context.options) === 'table' && context.options.column === undefined;
  if (!isTable) return verdict;
  return Object.fromEntries(verdictKeys.flatMap((key) => (verdict[key] === null ? [] : [[key, verdict[key]]])));
}

async function findExpected(
  { connection }: Context,
  path: string,
  query: string | undefined,
  { expect, latest }: VerifyOptions,
): Promise<Expected> {
  const given = expect ?? [];
  if (query !== undefined) {
    const { image, pin } = await findImage(connection, query, { latest: latest === true });
    return { size: image.size, digests: [...given, ...(pin === null ? [] : [pin.digest]), ...digestsOf(image)] };
  }
  return given.length > 0 ? { size: null, digests: given } : expectedOf(await readSidecar(path));
}

function toError({ path, status, size, expected_size, algorithm, expected, actual }: Verdict): GlanceError {
  if (status === 'unproven') {
    return new GlanceError('integrity.unprovable', `${path}: there is no digest to compare with`, {
      hint: 'give --expect ALG:HEX',
    });
  }
  return status === 'size'
    ? new GlanceError(
        'integrity.size',
        `${path} has ${countOf(size ?? 0, 'byte')}; it should have ${String(expected_size)}`,
      )
    : new GlanceError(
        'integrity.digest',
        `the ${String(algorithm)} of ${path} is ${String(actual)}; it should be ${String(expected)}`,
      );
}

async function verifyDirectory(context: Context, directory: string, options: VerifyOptions): Promise<void> {
  const isTable = nativeFormat(context.options) === 'table';
  const counts = { good: 0, unlisted: 0, unreadable: 0, bad: 0 };
  let isWhole = false;
  async function* pages(): AsyncGenerator<readonly Verdict[]> {
    for await (const verdict of verdictsOf(context, directory, options.jobs ?? defaultJobs)) {
      counts[groupOf(verdict)]++;
      // For people, what is as it should be is a number.
      if (!isTable || verdict.status !== 'ok') yield [verdict];
    }
    isWhole = true;
  }
  const printing = context.print(
    renderList({ pages: pages(), columns, keys: verdictKeys, ...(await context.resultOptions()) }),
  );
  await context.printVerdict(
    printing.then(() => tellCounts(context, counts)),
    () => directoryError(directory, counts) ?? (isWhole ? null : readerLeft()),
  );
}

type Group = 'good' | 'unlisted' | 'unreadable' | 'bad';
type Counts = Readonly<Record<Group, number>>;

function groupOf({ status }: Verdict): Group {
  if (status === 'ok') return 'good';
  return status === 'unlisted' || status === 'unreadable' ? status : 'bad';
}

function tellCounts(context: Context, { good, unlisted, unreadable, bad }: Counts): void {
  const waiting = unlisted === 0 ? '' : `, ${countOf(unlisted, 'image')} not listed yet`;
  context.note(`${countOf(good, 'image')} good${waiting}, ${countOf(bad + unreadable, 'finding')}`);
  if (unlisted > 0) context.note('a mirror was interrupted: run it again, and it compares and lists what came');
}

function directoryError(directory: string, { unreadable, bad }: Counts): GlanceError | null {
  if (bad > 0) {
    return new GlanceError('integrity.digest', `${directory}: ${findingsText(bad)} not as it should be`, {
      hint: 'take what is damaged away and run mirror again: it fetches what is missing',
    });
  }
  return unreadable > 0 ? new GlanceError('io.error', `${directory}: ${findingsText(unreadable)} unreadable`) : null;
}

function findingsText(count: number): string {
  return `${countOf(count, 'file')} ${count === 1 ? 'is' : 'are'}`;
}

/** What is found of each image, with progress; an index that no mirror wrote is a finding itself, and the only one. */
async function* verdictsOf(context: Context, directory: string, jobs: number): AsyncGenerator<Verdict> {
  const { signal } = context.runtime;
  let index: MirrorIndex;
  try {
    index = await readIndex(directory);
  } catch (error) {
    if (!(error instanceof GlanceError) || error.code !== 'metadata.invalid') throw error;
    context.tell(error.message);
    yield { ...noVerdict, path: indexName, status: 'forged' };
    return;
  }
  const total = [...index.entries.values()].reduce((sum, { size }) => sum + size, 0);
  let bytes = 0;
  const progress = await openProgress(context);
  progress.listen({ event: 'start', name: countOf(index.entries.size, 'image'), total, kept: 0 });
  const onBytes = (count: number): void => {
    bytes += count;
    progress.listen({ event: 'progress', bytes, total });
  };
  try {
    yield* verifyMirror(directory, index, { jobs, signal, onBytes });
  } finally {
    progress.stop();
  }
}

import { resolve } from 'node:path';
import type { Digest } from '../../digests.ts';
import { GlanceError } from '../../errors.ts';
import { digestsOf } from '../../image/data-answer.ts';
import {
  type Expected,
  expectedOf,
  readIndex,
  readSidecar,
  type Verdict,
  verdictKeys,
  verifyFile,
  verifyMirror,
} from '../../mirror/verify.ts';
import type { Column } from '../../output/columns.ts';
import { renderList, renderOne } from '../../output/render.ts';
import { isDirectory } from '../../transfer/target.ts';
import type { Context } from '../context.ts';
import { nativeFormat } from '../options.ts';

export interface VerifyOptions {
  readonly expect?: readonly Digest[];
  readonly latest?: boolean;
  readonly jobs?: number;
}

const defaultJobs = 2;

const columns: readonly Column[] = [
  {
    key: 'status',
    label: 'Status',
    priority: 1,
    paint: (text, value, style) => (value === 'ok' ? style.green(text) : style.red(text)),
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
  const target = resolve(context.runtime.cwd, path);
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
  const expected = await findExpected(context, target, query, options);
  const verdict = await verifyFile(target, path, expected, context.runtime.signal);
  if (verdict.status === 'missing') throw new GlanceError('io.missing', `${path}: there is no such file`);
  const row = shownOf(context, verdict);
  const keys = row === verdict ? verdictKeys : Object.keys(row);
  await context.print(renderOne({ row, keys, ...(await context.resultOptions()) }));
  if (verdict.status !== 'ok') throw toError(verdict);
}

/** People are shown what there is; programs get every key. */
function shownOf(context: Context, verdict: Verdict): object {
  const isTable = nativeFormat(context.options) === 'table' && context.options.column === undefined;
  return isTable ? Object.fromEntries(Object.entries(verdict).filter(([, value]) => value !== null)) : verdict;
}

async function findExpected(
  { session }: Context,
  path: string,
  query: string | undefined,
  { expect, latest }: VerifyOptions,
): Promise<Expected> {
  const given = expect ?? [];
  if (query !== undefined) {
    const { image, pin } = await session.find(query, latest === true);
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
    ? new GlanceError('integrity.size', `${path} has ${String(size)} bytes; it should have ${String(expected_size)}`)
    : new GlanceError(
        'integrity.digest',
        `the ${String(algorithm)} of ${path} is ${String(actual)}; it should be ${String(expected)}`,
      );
}

async function verifyDirectory(context: Context, directory: string, options: VerifyOptions): Promise<void> {
  const index = await readIndex(directory);
  const isTable = nativeFormat(context.options) === 'table';
  let [good, bad] = [0, 0];
  async function* pages(): AsyncGenerator<readonly Verdict[]> {
    for await (const verdict of verifyMirror(directory, index, options.jobs ?? defaultJobs, context.runtime.signal)) {
      if (verdict.status === 'ok') good++;
      else bad++;
      // For people, what is as it should be is a number.
      if (!isTable || verdict.status !== 'ok') yield [verdict];
    }
  }
  await context.print(renderList({ pages: pages(), columns, keys: verdictKeys, ...(await context.resultOptions()) }));
  context.note(`${String(index.entries.size)} images: ${String(good)} good, ${String(bad)} findings`);
  if (bad > 0) throw new GlanceError('integrity.digest', `${directory}: ${String(bad)} files are not what they were`);
}

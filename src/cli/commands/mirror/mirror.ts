import { GlanceError } from '../../../errors.ts';
import type { Image } from '../../../image/image.ts';
import { maskImage } from '../../../image/mask.ts';
import type { OddRecordError, OnOdd } from '../../../image/odd-record.ts';
import type { ImageService } from '../../../image/service.ts';
import { maxImages, type MirrorIndex } from '../../../mirror/index-file.ts';
import { findIndex, MirrorDirectory } from '../../../mirror/mirror-directory.ts';
import { isLargePrune, type MirrorTask, Places, planImage } from '../../../mirror/plan.ts';
import { checkPresence } from '../../../mirror/presence.ts';
import { countOf } from '../../../text/count.ts';
import { absolutePath } from '../../../local/places.ts';
import type { Context } from '../../context.ts';
import type { MirrorOptions } from '../../options/directory-options.ts';
import { toQuery } from '../../options/options.ts';
import { watch } from './watch.ts';
import { MirrorRun, type MirrorRow, printRows, toRow } from './run.ts';

type Task = Exclude<MirrorTask, { readonly action: 'same' }>;

/** What a listing came to, counted as it is read. */
interface Tally {
  readonly listed: Set<string>;
  readonly counts: Record<MirrorTask['action'], number>;
}

/** `mirror <dir>`: a directory kept in step with a selection of images. */
export async function mirror(context: Context, path: string, options: MirrorOptions): Promise<void> {
  const directory = absolutePath(context.runtime.cwd, path);
  if (options.watch === undefined) await mirrorOnce(context, directory, options, true);
  else await watch(context, (isFirst) => mirrorOnce(context, directory, options, isFirst), options.watch);
}

/** @param isTold whether something is said even if there was nothing to do */
async function mirrorOnce(context: Context, path: string, options: MirrorOptions, isTold: boolean): Promise<void> {
  const { runtime, connection } = context;
  const service = await connection.service();
  const tally: Tally = { listed: new Set(), counts: { new: 0, data: 0, record: 0, same: 0, failed: 0 } };
  if (options.dryRun === true) {
    const index = (await findIndex(path)) ?? { entries: new Map(), failures: new Map() };
    await printPlan(context, index, options, planPages(context, service, { path, index }, options, tally), tally);
    return;
  }
  const directory = await MirrorDirectory.open(path, runtime, runtime.clock);
  try {
    const pages = planPages(context, service, { path, index: directory.index }, options, tally);
    const run = new MirrorRun(context, service, directory, options);
    await carryOut(context, run, directory, { ...options, isTold }, pages, tally);
  } finally {
    await directory.close();
  }
}

/** What is to be done about each image, page by page as they are listed; what is as it was is only counted. */
async function* planPages(
  context: Context,
  service: ImageService,
  { path, index }: { readonly path: string; readonly index: MirrorIndex },
  options: MirrorOptions,
  { listed, counts }: Tally,
): AsyncGenerator<readonly Task[]> {
  const retries = (image: Image): boolean =>
    options.retryFailed === true ||
    (options.requireSafe !== true && index.failures.get(image.id)?.code === 'unsafe.image');
  const unread: OddRecordError[] = [];
  const onOdd: OnOdd = (odd) => {
    context.tell(odd.message);
    unread.push(odd);
  };
  const failUnread = (): Task[] =>
    unread.splice(0).map(({ image, code, message }) => {
      listed.add(image.id);
      counts.failed++;
      return { action: 'failed', image: maskImage(image), code, message };
    });
  const places = new Places(index.entries.keys());
  for await (const page of service.list(toQuery(options), context.runtime.signal, onOdd)) {
    // What changes while it is listed may come twice.
    const images = page.filter(({ id }) => !listed.has(id) && listed.add(id));
    const plan = async (listedImage: Image): Promise<MirrorTask> => {
      const image = maskImage(listedImage);
      return await checkPresence(path, index, image, planImage(index, image, retries(listedImage)));
    };
    const planned = await Promise.all(images.map(plan));
    const tasks = planned.map((task) => givePlace(task, places));
    for (const { action } of tasks) counts[action]++;
    if (listed.size > maxImages) throw tooMany();
    yield [...failUnread(), ...tasks.filter((task) => task.action !== 'same')];
  }
  yield failUnread();
}

/** Of images whose ids differ only by case one has a directory. */
function givePlace(task: MirrorTask, places: Places): MirrorTask {
  if (task.action === 'failed') return task;
  const id = task.action === 'same' ? task.id : task.image.id;
  const holder = places.claim(id);
  if (holder === id || task.action === 'same') return task;
  const message = `its id differs from that of image ${holder} only by case, and so would their directories`;
  return { action: 'failed', image: task.image, code: 'io.name', message };
}

function tooMany(): GlanceError {
  return new GlanceError('usage.unsupported', `a mirror holds at most ${countOf(maxImages, 'image')}`, {
    hint: 'leave some out, with the filters of list',
  });
}

/** What is not listed any more. A record without an id may be of any image: then nothing is. */
function findGone({ entries }: MirrorIndex, { listed }: Tally): readonly string[] {
  if (listed.has('')) return [];
  return [...entries.keys()].filter((id) => !listed.has(id));
}

async function printPlan(
  context: Context,
  index: MirrorIndex,
  { prune }: MirrorOptions,
  pages: AsyncIterable<readonly Task[]>,
  tally: Tally,
): Promise<void> {
  async function* rows(): AsyncGenerator<readonly MirrorRow[]> {
    for await (const tasks of pages) yield tasks.map(toPlanRow);
    if (prune === true) yield findGone(index, tally).map(toRemoval);
  }
  await printRows(context, rows());
  const { counts } = tally;
  const parts = [`${String(counts.new + counts.data)} to fetch`, `${countOf(counts.record, 'record')} to renew`];
  const fate = prune === true ? 'to take away' : 'gone';
  context.note(summarize(parts, tally, `${String(findGone(index, tally).length)} ${fate}`, counts.failed));
}

async function carryOut(
  context: Context,
  run: MirrorRun,
  directory: MirrorDirectory,
  options: MirrorOptions & { readonly isTold: boolean },
  pages: AsyncIterable<readonly Task[]>,
  tally: Tally,
): Promise<void> {
  const tasks: Task[] = [];
  // A list that breaks off must not be taken for a whole one: nothing begins before its end.
  for await (const page of pages) tasks.push(...page);
  const gone = findGone(directory.index, tally);
  const pruned = options.prune === true ? gone : [];
  checkPrune(context, directory, pruned, options);
  const { rows, found } = await run.carryOut(tasks);
  await directory.remove(pruned);
  directory.keepFailures((id) => tally.listed.has(id));
  await directory.save();
  const isNews = options.isTold || rows.some(({ action }) => action !== 'failed') || pruned.length > 0;
  if (isNews)
    await printRows(
      context,
      (async function* () {
        yield [...rows, ...pruned.map(toRemoval)];
      })(),
    );
  const failed = countRows(rows, 'failed');
  const fate = options.prune === true ? 'taken away' : 'gone';
  if (isNews) context.note(summarize(doneParts(rows, found), tally, `${String(gone.length)} ${fate}`, failed));
  if (failed === 0) return;
  const all = Object.values(tally.counts).reduce((sum, count) => sum + count, 0);
  throw new GlanceError('partial', `${String(failed)} of ${countOf(all, 'image')} failed`, {
    hint: 'run the same command again: what is there already is not fetched again',
  });
}

function toPlanRow(task: Task): MirrorRow {
  const row = toRow(task.action, task.image);
  return task.action === 'failed' ? { ...row, reason: `${task.message} [${task.code}]` } : row;
}

function toRemoval(id: string): MirrorRow {
  return { ...toRow('remove', { id, name: null }), path: null };
}

/** Says what will be taken away, before it is. */
function checkPrune(
  context: Context,
  directory: MirrorDirectory,
  pruned: readonly string[],
  { force }: MirrorOptions,
): void {
  const { size } = directory.index.entries;
  if (force !== true && isLargePrune(pruned.length, size)) {
    throw new GlanceError(
      'usage.option',
      `--prune would take ${String(pruned.length)} of ${countOf(size, 'image')} away`,
      {
        hint: 'look with --dry-run; --force does it',
      },
    );
  }
  for (const id of pruned) context.warn(`${id} is not listed any more: it is taken away`);
}

function countRows(rows: readonly MirrorRow[], ...actions: readonly string[]): number {
  return rows.filter(({ action }) => actions.includes(action)).length;
}

/** @param found images whose data was there already */
function doneParts(rows: readonly MirrorRow[], found: number): readonly string[] {
  const fetched = `${String(countRows(rows, 'new', 'data') - found)} fetched`;
  const compared = found === 0 ? [] : [`${String(found)} there already`];
  return [fetched, ...compared, `${countOf(countRows(rows, 'record'), 'record')} renewed`];
}

/** One line: what was, or would be, done, and what of the rest. */
function summarize(parts: readonly string[], { counts }: Tally, gone: string, failed: number): string {
  return [...parts, `${String(counts.same)} as they were`, gone, `${String(failed)} failed`].join(', ');
}

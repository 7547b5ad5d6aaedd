import { resolve } from 'node:path';
import { sleep } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { maskImage } from '../../image/mask.ts';
import type { ImageService } from '../../image/service.ts';
import { MirrorDirectory } from '../../mirror/mirror-directory.ts';
import { isLargePrune, type MirrorTask, planImage } from '../../mirror/plan.ts';
import type { Context } from '../context.ts';
import { type ListOptions, toQuery } from '../options.ts';
import { MirrorRun, type MirrorRow, printRows, toRow } from '../mirror-run.ts';

export interface MirrorOptions extends ListOptions {
  readonly jobs?: number;
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly force?: boolean;
  readonly requireSafe?: boolean;
  readonly failFast?: boolean;
  readonly retryFailed?: boolean;
  readonly limitRate?: number;
  /** Milliseconds. */
  readonly watch?: number;
}

/** Everything that a listing asks for. */
interface Plan {
  /** All but what is as it was. */
  readonly tasks: readonly Exclude<MirrorTask, { readonly action: 'same' }>[];
  /** Images of the index that the listing does not have. */
  readonly gone: readonly string[];
  readonly same: number;
  readonly listed: ReadonlySet<string>;
}

/** `mirror <dir>`: a directory kept in step with a selection of images. */
export async function mirror(context: Context, path: string, options: MirrorOptions): Promise<void> {
  const { runtime, session } = context;
  const directory = resolve(runtime.cwd, path);
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one run after the other
      await mirrorOnce(context, directory, options);
    } catch (error) {
      runtime.signal.throwIfAborted();
      if (options.watch === undefined || !(error instanceof GlanceError)) throw error;
      session.tell(`${error.message} [${error.code}]`);
    }
    if (options.watch === undefined) return;
    // oxlint-disable-next-line no-await-in-loop
    await sleep(runtime.clock, options.watch, runtime.signal);
  }
}

async function mirrorOnce(context: Context, path: string, options: MirrorOptions): Promise<void> {
  const { runtime, session } = context;
  const service = await session.service();
  const directory = await MirrorDirectory.open(path, runtime, runtime.clock);
  try {
    const plan = await makePlan(context, service, directory, options);
    const pruned = options.prune === true ? plan.gone : [];
    const removals = pruned.map((id): MirrorRow => ({ ...toRow('remove', { id, name: null }), path: null }));
    if (options.dryRun === true) {
      await printRows(context, [...plan.tasks.map(toPlanRow), ...removals]);
      context.note(summarize(plan, null));
      return;
    }
    checkPrune(context, directory, pruned, options);
    const run = new MirrorRun(context, service, directory, options);
    const rows = await run.carryOut(plan.tasks);
    await directory.remove(pruned);
    directory.keepFailures((id) => plan.listed.has(id));
    await directory.save();
    await printRows(context, [...rows, ...removals]);
    const failed = rows.filter(({ action }) => action === 'failed').length;
    context.note(summarize(plan, failed));
    if (failed > 0) throw new GlanceError('partial', `${String(failed)} of ${String(plan.listed.size)} images failed`);
  } finally {
    await directory.close();
  }
}

async function makePlan(
  { runtime }: Context,
  service: ImageService,
  directory: MirrorDirectory,
  options: MirrorOptions,
): Promise<Plan> {
  const tasks: Plan['tasks'][number][] = [];
  const listed = new Set<string>();
  let same = 0;
  const { index } = directory;
  const retries = (image: Image): boolean =>
    options.retryFailed === true ||
    (options.requireSafe !== true && index.failures.get(image.id)?.code === 'unsafe.image');
  for await (const page of service.list(toQuery(options), runtime.signal)) {
    for (const image of page) {
      listed.add(image.id);
      const task = planImage(index, maskImage(image), retries(image));
      if (task.action === 'same') same++;
      else tasks.push(task);
    }
  }
  const gone = [...index.entries.keys()].filter((id) => !listed.has(id));
  return { tasks, gone, same, listed };
}

function toPlanRow(task: Plan['tasks'][number]): MirrorRow {
  const row = toRow(task.action, task.image);
  return task.action === 'failed' ? { ...row, reason: task.message } : row;
}

/** Says what will be taken away, before it is. */
function checkPrune(
  { session }: Context,
  directory: MirrorDirectory,
  pruned: readonly string[],
  { force }: MirrorOptions,
): void {
  const { size } = directory.index.entries;
  if (force !== true && isLargePrune(pruned.length, size)) {
    throw new GlanceError(
      'usage.option',
      `--prune would take ${String(pruned.length)} of ${String(size)} images away`,
      {
        hint: 'look with --dry-run; --force does it',
      },
    );
  }
  for (const id of pruned) session.warn(`${id} is not listed any more: it is taken away`);
}

function summarize({ tasks, gone, same }: Plan, failed: number | null): string {
  const count = (...actions: readonly MirrorTask['action'][]): number =>
    tasks.filter(({ action }) => actions.includes(action)).length;
  return [
    `${String(count('new', 'data'))} to fetch`,
    `${String(count('record'))} records`,
    `${String(same)} as they were`,
    `${String(gone.length)} gone`,
    `${String(failed ?? count('failed'))} failed`,
  ].join(', ');
}

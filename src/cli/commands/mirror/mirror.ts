import { countOf } from '../../../text/count.ts';
import { Mirror } from '../../../client/mirror/mirror.ts';
import {
  runFailure,
  type MirrorCounts,
  type MirrorEvent,
  type MirrorRow,
  mirrorRowKeys,
} from '../../../client/mirror/report.ts';
import { watch } from '../../../client/mirror/watch.ts';
import type { FleetMirrorEvent, FleetReport } from '../../../client/fleet/fleet-mirror.ts';
import { namesQueue, openQueue } from '../../../client/fleet/open-queue.ts';
import { GlanceError } from '../../../errors.ts';
import type { Column } from '../../../output/columns.ts';
import type { Progress } from '../../../output/progress/consumer.ts';
import { renderList } from '../../../output/render.ts';
import { formatBytes } from '../../../output/size.ts';
import type { TransferListener } from '../../../transfer/flow/events.ts';
import { openProgress } from '../../progress.ts';
import type { Context } from '../../context.ts';
import type { MirrorOptions } from '../../options/directory-options.ts';
import { toQuery } from '../../options/options.ts';
import { keepHeapSmall, letHeapGrow } from '../../v8-flags.ts';

const columns: readonly Column[] = [
  {
    key: 'action',
    label: 'Action',
    priority: 1,
    paint: (text, value, style) => (value === 'failed' ? style.red(text) : text),
  },
  { key: 'image', label: 'ID', priority: 2, whole: true },
  { key: 'name', label: 'Name', priority: 3 },
  {
    key: 'bytes',
    label: 'Size',
    align: 'right',
    priority: 5,
    show: (value) => (typeof value === 'number' ? formatBytes(value) : ''),
  },
  { key: 'reason', label: 'Reason', priority: 4 },
];

/** `mirror <place>`: keeps a directory or a bucket in step with a selection of images. */
export async function mirror(context: Context, path: string, options: MirrorOptions): Promise<void> {
  const { clock, signal } = context.runtime;
  checkQueueOptions(context, options);
  const round = async (isFirst: boolean): Promise<void> => {
    keepHeapSmall();
    if (options.dryRun === true) await printPlan(context, path, options);
    else await run(context, path, options, isFirst);
  };
  if (options.watch === undefined) await round(true);
  else await watch(round, { pauseMs: options.watch, clock, signal, onEvent: (event) => tell(context, event) });
}

function open(
  context: Context,
  path: string,
  options: MirrorOptions,
  onEvent: (event: MirrorEvent) => void = (event) => tell(context, event),
): Mirror {
  return new Mirror(context.connection, path, { ...options, query: queryOf(context, options), onEvent });
}

/** Computed anew in each round of `watch`. */
function queryOf({ runtime }: Context, options: MirrorOptions): ReturnType<typeof toQuery> {
  return toQuery(options, runtime.clock.wallTime());
}

/** Reports events other than progress. */
function tell(context: Context, event: MirrorEvent): void {
  if (event.event === 'unread') context.tell(event.message);
  else if (event.event === 'remove') context.warn(`${event.image} is no longer listed, and is removed`);
  else if (event.event === 'trouble') context.tell(`${event.message} [${event.code}]`);
  else if (event.event === 'recovered') context.note('it works again');
}

async function printPlan(context: Context, path: string, options: MirrorOptions): Promise<void> {
  const plan = open(context, path, options).planPages();
  const summary: string[] = [];
  await printRows(
    context,
    (async function* () {
      summary.push(describePlan(yield* plan, options));
    })(),
  );
  for (const line of summary) context.note(line);
}

/** @param isTold whether to report even if there was nothing to do */
async function run(context: Context, path: string, options: MirrorOptions, isTold: boolean): Promise<void> {
  const progress = await openProgress(context);
  const { counts, isNews, pages } = await runOnce(context, path, options, progress).finally(() => progress.stop());
  if (isTold || isNews) {
    await printRows(
      context,
      (async function* () {
        yield* pages();
      })(),
    );
    context.note(describeRun(counts, options));
  }
  const failure = runFailure(counts);
  if (failure !== null) throw failure;
}

async function runOnce(
  context: Context,
  path: string,
  options: MirrorOptions,
  progress: Progress,
): Promise<FleetReport> {
  const { connection } = context;
  if (!namesQueue(connection, options)) {
    const show = showProgress(progress);
    const onEvent = (event: MirrorEvent): void => {
      if (event.event === 'plan') letHeapGrow();
      tell(context, event);
      show(event);
    };
    const { rows, counts } = await open(context, path, options, onEvent).run();
    return { counts, isNews: rows.some(({ action }) => action !== 'failed'), pages: () => [rows] };
  }
  const { FleetMirror } = await import('../../../client/fleet/fleet-mirror.ts');
  const queue = await openQueue(connection, options);
  const show = progress.fleet();
  const onEvent = (event: FleetMirrorEvent): void => {
    // Images have events of their own.
    if ('time' in event) show(event);
    else tell(context, event);
  };
  try {
    return await new FleetMirror(connection, queue, path, {
      ...options,
      query: queryOf(context, options),
      onEvent,
    }).run();
  } finally {
    await queue.close();
  }
}

/** Options that work only with a queue, and what the workers then decide. */
function checkQueueOptions({ connection }: Context, options: MirrorOptions): void {
  if (!namesQueue(connection, options)) {
    if (options.detach === true) throw new GlanceError('usage.option', '--detach works with a queue only');
    return;
  }
  const { jobs, limitRate, failFast, contents } = options;
  const limits = jobs !== undefined ? '--jobs' : limitRate !== undefined ? '--limit-rate' : null;
  const given = limits ?? (failFast === true ? '--fail-fast' : contents === true ? '--contents' : null);
  if (given === null) return;
  const hint = limits === null ? 'leave it out' : 'set it on the workers';
  throw new GlanceError('usage.option', `${given} does not work with a queue: workers fetch the images`, { hint });
}

/** Passes the events of transfers to the progress display, each under its image's name. */
function showProgress(progress: Progress): (event: MirrorEvent) => void {
  const members = new Map<string, TransferListener>();
  return (event) => {
    if (event.event === 'plan') {
      const several = progress.several();
      for (const { image, name, bytes } of event.images) members.set(image, several.member(name ?? image, bytes));
      return;
    }
    const told = event.event === 'unread' || event.event === 'remove';
    if (!told && event.event !== 'trouble' && event.event !== 'recovered') {
      const { image, time: _time, ...transferred } = event;
      members.get(image)?.(transferred);
    }
  };
}

async function printRows(context: Context, pages: AsyncIterable<readonly MirrorRow[]>): Promise<void> {
  await context.print(renderList({ pages, columns, keys: mirrorRowKeys, ...(await context.resultOptions()) }));
}

function describePlan({ fetched, renewed, same, gone, failed }: MirrorCounts, { prune }: MirrorOptions): string {
  const parts = [`${String(fetched)} to fetch`, `${countOf(renewed, 'record')} to update`, `${String(same)} unchanged`];
  return [...parts, `${String(gone)} ${prune === true ? 'to remove' : 'gone'}`, `${String(failed)} failed`].join(', ');
}

function describeRun(counts: MirrorCounts, { prune, detach }: MirrorOptions): string {
  const { fetched, found, renewed, same, gone, failed } = counts;
  return [
    `${String(fetched)} ${detach === true ? 'for workers to fetch' : 'fetched'}`,
    ...(found === 0 ? [] : [`${String(found)} already there`]),
    `${countOf(renewed, 'record')} updated`,
    `${String(same)} unchanged`,
    `${String(gone)} ${prune === true ? 'removed' : 'gone'}`,
    `${String(failed)} failed`,
  ].join(', ');
}

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
import type { Words } from '../../console/messages.ts';
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

function tell(context: Context, event: FleetMirrorEvent, show?: (event: FleetMirrorEvent) => void): void {
  context.event(event, wordsFor(event), show);
}

function wordsFor(event: FleetMirrorEvent): Words | null {
  if (event.event === 'unread') return { kind: 'error', message: event.message };
  if (event.event === 'remove') {
    return { kind: 'warning', message: `${event.image} is no longer listed, and is removed` };
  }
  if (event.event === 'trouble') return { kind: 'error', message: `${event.message} [${event.code}]` };
  return event.event === 'recovered' ? { kind: 'note', message: 'it works again' } : null;
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
    const { rows, counts } = await open(context, path, options, teller(context, progress)).run();
    return { counts, isNews: rows.some(({ action }) => action !== 'failed'), pages: () => [rows] };
  }
  const { FleetMirror } = await import('../../../client/fleet/fleet-mirror.ts');
  const queue = await openQueue(connection, options);
  const show = progress.fleet();
  const onEvent = (event: FleetMirrorEvent): void => tell(context, event, show);
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

/** Reports the events of a run without a queue. Those of transfers go to the progress display, which adds them up. */
function teller(context: Context, progress: Progress): (event: MirrorEvent) => void {
  const members = new Map<string, TransferListener>();
  let several: ReturnType<Progress['several']> | null = null;
  return (event) => {
    if (event.event === 'plan') {
      if (several === null) letHeapGrow();
      several ??= progress.several();
      const { image, name, bytes } = event;
      members.set(image, several.member(name ?? image, bytes, image));
    }
    const isFound = event.event === 'plan' || event.event === 'unread' || event.event === 'remove';
    if (isFound || event.event === 'trouble' || event.event === 'recovered') {
      tell(context, event);
      return;
    }
    members.get(event.image)?.(event);
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

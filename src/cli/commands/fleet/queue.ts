import { openQueue } from '../../../client/fleet/open-queue.ts';
import { GlanceError } from '../../../errors.ts';
import type { Column } from '../../../output/columns.ts';
import { renderList, renderOne } from '../../../output/render.ts';
import type { WorkQueue } from '../../../queue/work-queue.ts';
import { countOf } from '../../../text/count.ts';
import type { Context } from '../../context.ts';
import { type QueueAction, queueColumns, type QueueCommandOptions } from '../../options/fleet-options.ts';

const columns: readonly Column[] = [
  { key: 'image', label: 'ID', priority: 1, whole: true },
  { key: 'name', label: 'Name', priority: 3 },
  { key: 'kind', label: 'Kind', priority: 5 },
  { key: 'code', label: 'Code', priority: 2 },
  { key: 'message', label: 'Message', priority: 4 },
];

type Action = (
  context: Context,
  queue: WorkQueue,
  ids: readonly string[],
  options: QueueCommandOptions,
) => Promise<void>;

const actions: Readonly<Record<QueueAction, Action>> = {
  status: async (context, opened) => {
    const row = { queue: opened.name, ...(await opened.counts()) };
    await context.print(renderOne({ row, keys: queueColumns.status, ...(await context.resultOptions()) }));
  },
  failed: async (context, opened) => {
    await context.print(
      renderList({ pages: opened.failures(), columns, keys: queueColumns.failed, ...(await context.resultOptions()) }),
    );
  },
  retry: async (context, opened, ids) => {
    context.note(`${countOf(await opened.retry(ids.length === 0 ? null : ids), 'image')} to be tried again`);
  },
  pause: async (context, opened) => {
    await opened.pause();
    context.note('workers take no new images until queue resume');
  },
  resume: async (context, opened) => {
    await opened.resume();
    context.note('workers take images again');
  },
  clear: async (context, opened, _ids, { force }) => {
    await opened.clear(force === true);
    context.note('the queue is empty; what is in the place stays');
  },
};

/** `queue [action] [id…]`: shows what is in a queue, retries failed jobs, pauses, resumes or clears it. */
export async function queue(
  context: Context,
  action: QueueAction,
  ids: readonly string[],
  options: QueueCommandOptions,
): Promise<void> {
  if (ids.length > 0 && action !== 'retry') {
    throw new GlanceError('usage.argument', `queue cannot "${action}" with ids`, {
      hint: `use one of ${Object.keys(actions).join(', ')}`,
    });
  }
  const opened = await openQueue(context.connection, options);
  try {
    await actions[action](context, opened, ids, options);
  } finally {
    await opened.close();
  }
}

// `inspect --all` with a queue: workers inspect, and their reports are returned or kept.
import { auditByFleet, planAudits } from '../../../client/fleet/fleet-audit.ts';
import type { FleetEvent } from '../../../client/fleet/fleet-event.ts';
import { openQueue } from '../../../client/fleet/open-queue.ts';
import type { Report } from '../../../client/inspect/report.ts';
import { GlanceError } from '../../../errors.ts';
import type { ListQuery } from '../../../image/service.ts';
import { countOf } from '../../../text/count.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';
import { openProgress } from '../../progress.ts';
import type { ReportSource } from './all.ts';
import { contentsOptions } from './contents-options.ts';

/**
 * Lets workers inspect images.
 * @param print prints the reports
 * @throws GlanceError `partial` if reports on some cannot be kept; what `print` throws; `queue.*`, `place.*`, `io.*`
 */
export async function auditFleet(
  context: Context,
  query: ListQuery,
  options: InspectOptions,
  print: (source: ReportSource) => Promise<void>,
): Promise<void> {
  const { connection } = context;
  // Contradictory options are refused before anything is opened.
  await contentsOptions(options);
  const queue = await openQueue(connection, options);
  const { contents, contentsLimit, spool, target, s3Endpoint, to } = options;
  const how = { contents, contentsLimit, spool, target, signal: context.runtime.signal };
  try {
    if (options.detach === true && to !== undefined) {
      const onFailed = ({ id, name, error }: Report): void =>
        context.tell(`${id ?? name ?? 'an image'}: ${error?.message ?? ''} [${error?.code ?? ''}]`);
      const planned = await planAudits(connection, queue, query, to, { ...how, s3Endpoint, onFailed });
      const { images, added, failed } = planned;
      context.note(
        `${countOf(images, 'image')} for workers to inspect, ${String(images - added)} of them already planned`,
      );
      if (failed > 0) throw new GlanceError('partial', `no report can be kept for ${countOf(failed, 'image')}`);
      return;
    }
    const progress = await openProgress(context);
    const show = progress.fleet();
    const onEvent = (event: FleetEvent): void => context.event(event, null, show);
    const onOdd = ({ message }: Error): void => context.tell(message);
    const reports = auditByFleet(connection, queue, query, { ...how, onOdd, onEvent });
    await print({ reports, resumes: true, clear: () => progress.stop() }).finally(() => progress.stop());
  } finally {
    await queue.close();
  }
}

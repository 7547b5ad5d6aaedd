// A worker's part of `inspect --all`: inspects one image without copying it.
import { failedReport, type Report, undeclared } from '../../../disk/report.ts';
import { type TargetRelease, targetReleases } from '../../../disk/target/judge.ts';
import { GlanceError, isPassing } from '../../../errors.ts';
import type { DataRecord } from '../../../image/image.ts';
import type { AuditJob } from '../../../queue/job.ts';
import { maxResultLength } from '../../../queue/job.ts';
import { inspectorFor } from '../../download/inspect-spooled.ts';
import { inspectedImage } from '../../inspect/inspect-image.ts';
import { formatReport, printReport } from '../../inspect/report-text.ts';
import { type Doer, holdLease, serviceOf, type Work, type WorkTools } from './work.ts';
import { isOfWorker, LostError } from './worker-errors.ts';

/** Inspects an image. A failure to read it becomes a report too. */
export const audit: Doer<AuditJob> = async (tools, job, work) => {
  const report = await inspect(tools, job, work);
  const { bytes_read, contents } = report;
  work.onBytes(bytes_read + (contents?.bytes_read ?? 0));
  const text = job.place === null ? formatReport(report) : printReport(report);
  if (text.length > maxResultLength) throw new GlanceError('metadata.invalid', 'its report is too large');
  if (job.place === null) return { outcome: 'done', result: text };
  const { lease } = work;
  const place = tools.place(job.place);
  await holdLease(lease);
  await place.keepAudit(job.image, text, lease.signal);
  return { outcome: 'done', result: null };
};

async function inspect(tools: WorkTools, job: AuditJob, { lease: { signal } }: Work): Promise<Report> {
  const { connection } = tools;
  const service = await serviceOf(tools, job, signal);
  const { contents, contentsLimit, spool, target } = job.policy;
  const how = { contents, contentsLimit: contentsLimit ?? undefined, target: releaseOf(target) };
  let record: DataRecord = recordOf(job);
  try {
    const image = await service.get(job.image, signal);
    if (image.id !== job.image) throw new GlanceError('metadata.invalid', 'the record is about another image');
    record = image;
    return await inspectorFor({ spool })(connection, service, image, signal, how);
  } catch (error) {
    signal.throwIfAborted();
    const explained = await connection.explain(error);
    if (!(explained instanceof GlanceError) || explained instanceof LostError) throw error;
    // Worth another attempt, or another worker.
    if (isPassing(explained.code) || isOfWorker(explained.code)) throw error;
    return failedReport(inspectedImage(record), connection.secrets.hideInError(explained));
  }
}

/** @throws GlanceError `metadata.invalid` if this version does not know the release */
function releaseOf(name: string | null): TargetRelease | undefined {
  if (name === null) return undefined;
  const release = targetReleases.find((each) => each === name);
  if (release !== undefined) return release;
  throw new GlanceError('metadata.invalid', 'the job names a release of Glance that this version does not know', {
    hint: 'use the same version of glance-cli everywhere',
  });
}

/** What is known of an image whose record cannot be fetched. */
function recordOf({ image, name, size }: Pick<AuditJob, 'image' | 'name' | 'size'>): DataRecord {
  const unproved = { checksum: null, os_hash_algo: null, os_hash_value: null };
  return { id: image, name, size, ...undeclared, properties: {}, ...unproved };
}

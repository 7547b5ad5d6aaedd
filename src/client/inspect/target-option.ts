// Whether a Glance would take an image, where a report is to say it.
import type { Report } from '../../disk/report.ts';
import { type ByteSource, drive } from '../../disk/source.ts';
import type { Inspection } from '../../disk/target/inspection.ts';
import type { TargetRelease } from '../../disk/target/judge.ts';

/** Of inspecting. */
export interface TargetOptions {
  /** The Glance that is asked about. Absent: none. */
  readonly target?: TargetRelease | undefined;
}

/**
 * Reads from a source what the inspection of a Glance would see; to be done first, as of a stream what is read is gone.
 * @returns null where nobody asks
 * @throws what reading throws
 */
export async function readUpload({ target }: TargetOptions, source: ByteSource): Promise<Inspection | null> {
  if (target === undefined) return null;
  const { readInspection } = await import('../../disk/target/inspection.ts');
  return await drive(readInspection(), source);
}

/** The report with the verdict, if that is asked for: of an upload as its record declares it, or as what it was found to be. */
export async function withTarget(
  report: Report,
  { target }: TargetOptions,
  inspection: Inspection | null,
): Promise<Report> {
  const { format, container_format: container, declared } = report;
  if (target === undefined || format === null) return report;
  const { judgeUpload, uploadFormats } = await import('../../disk/target/judge.ts');
  const upload = uploadFormats(declared, format, String(container));
  return { ...report, target: judgeUpload(inspection ?? { matches: [], isBroken: false }, upload, target) };
}

// Adds to a report whether a certain Glance would accept the image, if requested.
import type { Report } from '../../disk/report.ts';
import { type ByteSource, drive } from '../../disk/source.ts';
import type { Inspection } from '../../disk/target/inspection.ts';
import type { TargetRelease } from '../../disk/target/judge.ts';

/** Options of an inspection. */
export interface TargetOptions {
  /** The Glance in question. Absent: none. */
  readonly target?: TargetRelease | undefined;
}

/**
 * Reads from a source what Glance's own inspection would see. Must come first, since a stream cannot be read twice.
 * @returns null if not requested
 * @throws what reading throws
 */
export async function readUpload({ target }: TargetOptions, source: ByteSource): Promise<Inspection | null> {
  if (target === undefined) return null;
  const { readInspection } = await import('../../disk/target/inspection.ts');
  return await drive(readInspection(), source);
}

/**
 * The report with the verdict, if requested: on an upload with the formats that the record declares or, without them, those
 * that were detected.
 */
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

// Whether a Glance would accept an image, for people.
import { type Report, subjectOf, type Target } from '../../../client/inspect/report.ts';
import { GlanceError } from '../../../errors.ts';
import type { Field } from '../../../output/record.ts';

/** The verdict, and the reasons. */
export function describeTarget({ release, accepted, reasons }: Target): readonly Field[] {
  const verdict =
    accepted === null
      ? 'unknown'
      : accepted
        ? 'its content inspection accepts an upload of it'
        : 'its content inspection refuses an upload of it';
  const why = reasons.flatMap(({ code, message, source }) => [
    { key: code, text: message },
    { key: 'decided by', text: source },
  ]);
  return [{ key: release, text: verdict }, ...why];
}

/** As the cell of a table. */
export function targetCell(target: Target | null): string | null {
  if (target === null) return null;
  const codes = target.reasons.map(({ code }) => code).join(', ');
  if (target.accepted === true) return 'accepted';
  return target.accepted === null ? 'unknown' : `refused: ${codes}`;
}

/** The error for an image that is safe, but would be refused. */
export function refusedError(report: Report): GlanceError {
  const { target, id } = report;
  const why = (target?.reasons ?? []).map(({ message }) => message).join('; ');
  return new GlanceError('unsafe.image', `${target?.release ?? ''} would refuse ${subjectOf(report)}: ${why}`, {
    image: id ?? undefined,
    hint: 'convert it, or declare its real format',
  });
}

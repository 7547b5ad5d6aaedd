// Lists images of the same name so that people can distinguish them.
import type { Candidate } from '../../errors.ts';
import { formatBytes } from '../../output/size.ts';
import { formatTimestamp } from '../../output/time.ts';
import { escapeControls } from '../../text/escape.ts';

/**
 * Id, time, size and visibility in columns, and the names if they differ. Ids are ASCII unless somebody has tampered with them;
 * control characters are escaped first.
 */
export function alignCandidates(matches: readonly Candidate[]): string[] {
  const isOneName = new Set(matches.map(({ name }) => name)).size === 1;
  const rows = matches.map(({ id, name, created_at, size, visibility }) => [
    escapeControls(id),
    created_at === null ? '-' : formatTimestamp(created_at),
    size === null ? '-' : formatBytes(size),
    visibility ?? '-',
    ...(isOneName ? [] : [escapeControls(name ?? '-')]),
  ]);
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((text, column) => (column === 2 ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

// Images of one name as people tell them apart.
import type { Candidate } from '../../errors.ts';
import { formatBytes } from '../../output/size.ts';
import { formatTimestamp } from '../../output/time.ts';
import { escapeControls } from '../../text/escape.ts';

/** Id, time, size and visibility below each other; ids are ASCII but for mischief, which is escaped first. */
export function alignCandidates(matches: readonly Candidate[]): string[] {
  const rows = matches.map(({ id, created_at, size, visibility }) => [
    escapeControls(id),
    created_at === null ? '-' : formatTimestamp(created_at),
    size === null ? '-' : formatBytes(size),
    visibility ?? '-',
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map(([id = '', created = '', size = '', visibility = '']) =>
    [id.padEnd(widths[0] ?? 0), created.padEnd(widths[1] ?? 0), size.padStart(widths[2] ?? 0), visibility].join('  '),
  );
}

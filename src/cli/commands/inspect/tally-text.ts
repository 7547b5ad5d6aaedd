// The summary of an audit, for people.
import type { AuditTally } from '../../../client/inspect/tally.ts';
import { countOf } from '../../../text/count.ts';

/** Lines with verdicts, hazards and formats, the most frequent first. */
export function describeTally(tally: AuditTally): readonly string[] {
  const [unsafe, unread, safe] = (['unsafe', 'unread', 'safe'] as const).map((verdict) => tally.verdict(verdict));
  const images = countOf(tally.images, 'image');
  const lines = [`${images}: ${String(unsafe)} unsafe, ${String(unread)} unread, ${String(safe)} safe`];
  for (const [what, counts] of Object.entries({ hazards: tally.hazards, formats: tally.formats })) {
    if (counts.size > 0) lines.push(`${what}: ${mostFrequentFirst(counts)}`);
  }
  return lines;
}

function mostFrequentFirst(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .toSorted(([left, many], [right, more]) => more - many || left.localeCompare(right))
    .map(([name, times]) => `${name} ${String(times)}`)
    .join(', ');
}

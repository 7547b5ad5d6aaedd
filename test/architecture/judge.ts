// Whether a regular expression is linear, as `recheck` proves by the ambiguity of its automaton.
import { checkSync } from 'recheck';

/** The problem with a pattern, or null. */
export function judge(source: string, flags: string): string | null {
  const verdict = checkSync(source, flags, { checker: 'automaton', timeout: 60_000 });
  if (verdict.status === 'safe') return null;
  const why = verdict.status === 'unknown' ? verdict.error.kind : verdict.complexity.summary;
  return `/${source}/${flags}: ${why}`;
}

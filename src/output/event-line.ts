// Events for programs that read stderr: one per line.
import { escapeJson } from '../text/escape.ts';
import { toJson } from '../text/json.ts';

/**
 * An event as a line of JSON, with its line feed.
 * @param facts its details; their names are public interface
 * @param wallTimeMs when it happened, in milliseconds since 1970
 */
export function formatEvent(event: string, facts: object, wallTimeMs: number): string {
  const time = new Date(wallTimeMs).toISOString();
  return `${escapeJson(toJson({ event, time, ...facts }))}\n`;
}

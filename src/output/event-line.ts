// Events for programs that read stderr: one per line.
import { escapeJson } from '../text/escape.ts';
import { toJson } from '../text/json.ts';

/** Any event. Its other keys are its facts. */
export interface TimedEvent {
  readonly event: string;
  /** ISO 8601, UTC. */
  readonly time: string;
}

/**
 * An event as a line of JSON, with its line feed.
 * @param facts its details, whose names are public interface; may be the event itself
 */
export function formatEvent(event: string, time: string, facts: object): string {
  return `${escapeJson(toJson({ event, time, ...facts }))}\n`;
}

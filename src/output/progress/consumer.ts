// What consumers of TransferEvents have in common: what they are made with, what they are, how they word what happens.
import type { Writable } from 'node:stream';
import type { Clock } from '../../clock.ts';
import type { TransferEvent, TransferListener } from '../../transfer/flow/events.ts';
import { escapeControls } from '../../text/escape.ts';
import type { Style } from '../style.ts';
import type { FleetListener } from './fleet.ts';

export interface ProgressOptions {
  /** Where it goes. If it fails there is no progress to see, and that is all. */
  readonly stream: Writable & { readonly columns?: number; readonly rows?: number };
  /** Whether the stream is a terminal that can redraw a line. */
  readonly isTTY: boolean;
  /** Cells of that terminal, where the stream itself does not tell. */
  readonly columns: number;
  readonly clock: Clock;
  readonly style: Style;
}

/** Several transfers at once. Each is announced before the first begins. */
export interface SeveralProgress {
  /** @param size bytes there will be, null where that is not known yet */
  readonly member: (name: string, size: number | null) => TransferListener;
}

export interface Progress {
  /** Takes the events of the one transfer there is. */
  readonly listen: TransferListener;
  /** Shows several in its place. */
  readonly several: () => SeveralProgress;
  /** Shows a fleet in its place. */
  readonly fleet: () => FleetListener;
  /** Leaves the terminal as it was. May be called more than once. */
  readonly stop: () => void;
}

/**
 * One line, safe for a terminal, about what people should know of even if they do not watch; null for the rest.
 * @param name of the transfer, where there are several
 */
export function describeTurn(event: TransferEvent, name: string | null): string | null {
  const prefix = name === null ? '' : `${escapeControls(name)}: `;
  if (event.event === 'restart') return prefix + escapeControls(event.message);
  if (event.event !== 'retry') return null;
  const { attempt, delay_ms: delayMs, message } = event;
  return `${prefix}${escapeControls(message)}; try ${String(attempt)} in ${(delayMs / 1000).toFixed(1)} s`;
}

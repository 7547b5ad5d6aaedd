// What consumers of TransferEvents have in common: what they are made with, what they are, how they word a retry.
import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { TransferEvent, TransferListener } from '../transfer/events.ts';
import { escapeControls } from './escape.ts';
import type { Style } from './style.ts';

export interface ProgressOptions {
  /** Where it goes. If it fails there is no progress to see, and that is all. */
  readonly stream: Writable & { readonly columns?: number };
  /** Whether the stream is a terminal that can redraw a line. */
  readonly isTTY: boolean;
  /** Cells of that terminal, where the stream itself does not tell. */
  readonly columns: number;
  readonly clock: Clock;
  readonly style: Style;
}

export interface Progress {
  readonly listen: TransferListener;
  /** Leaves the terminal as it was. May be called more than once. */
  readonly stop: () => void;
}

/** One line about a retry, safe for a terminal. */
export function describeRetry({ attempt, delayMs, message }: Extract<TransferEvent, { type: 'retry' }>): string {
  return `${escapeControls(message)}; try ${String(attempt)} in ${(delayMs / 1000).toFixed(1)} s`;
}

// Progress of a transfer on stderr: a bar, plain lines, JSON lines, or nothing. Consumers of TransferEvents.
import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { TransferEvent, TransferListener } from '../transfer/events.ts';
import { escapeControls, escapeJson } from './escape.ts';
import { formatBytes, formatRate } from './size.ts';
import type { Style } from './style.ts';

export type ProgressKind = 'auto' | 'bar' | 'plain' | 'json' | 'none';

export interface ProgressOptions {
  readonly stream: Writable;
  /** Whether the stream is a terminal that can redraw a line. */
  readonly isTTY: boolean;
  /** Cells of that terminal. */
  readonly columns: number;
  readonly clock: Clock;
  readonly style: Style;
}

export interface Progress {
  readonly listen: TransferListener;
  /** Leaves the terminal as it was. May be called more than once. */
  readonly stop: () => void;
}

/** Milliseconds between plain lines: often enough to see that it lives, seldom enough for a log. */
const plainIntervalMs = 10_000;

/** `auto` is a bar on a terminal and plain lines elsewhere. */
export async function createProgress(kind: ProgressKind, options: ProgressOptions): Promise<Progress> {
  switch (kind) {
    case 'none':
      return { listen: () => undefined, stop: () => undefined };
    case 'json':
      return { listen: (event) => writeJson(event, options), stop: () => undefined };
    case 'plain':
      return plainProgress(options);
    case 'auto':
      if (!options.isTTY) return plainProgress(options);
      return (await import('./progress-bar.ts')).barProgress(options);
    case 'bar':
      return (await import('./progress-bar.ts')).barProgress(options);
  }
}

/** One event a line, with the time it happened. */
function writeJson({ type, ...facts }: TransferEvent, { stream, clock }: ProgressOptions): void {
  const time = new Date(clock.wallTime()).toISOString();
  stream.write(`${escapeJson(JSON.stringify({ event: type, time, ...facts }))}\n`);
}

function plainProgress({ stream, clock }: ProgressOptions): Progress {
  let toldAt = clock.monotonic();
  let bytesThen = 0;
  const listen: TransferListener = (event) => {
    if (event.type === 'retry') stream.write(`${describeRetry(event)}\n`);
    if (event.type !== 'progress' || clock.monotonic() - toldAt < plainIntervalMs) return;
    const seconds = (clock.monotonic() - toldAt) / 1000;
    stream.write(
      `${describeAmount(event.bytes, event.total)}, ${formatRate(Math.max(0, event.bytes - bytesThen) / seconds)}\n`,
    );
    toldAt = clock.monotonic();
    bytesThen = event.bytes;
  };
  return { listen, stop: () => undefined };
}

/** `1.0 GiB of 5.0 GiB (20 %)`, or just the bytes where there is no total. */
export function describeAmount(bytes: number, total: number | null): string {
  if (total === null) return formatBytes(bytes);
  const percent = total === 0 ? 100 : Math.floor((bytes / total) * 100);
  return `${formatBytes(bytes)} of ${formatBytes(total)} (${String(percent)} %)`;
}

/** One line about a retry, safe for a terminal. */
export function describeRetry({ attempt, delayMs, message }: Extract<TransferEvent, { type: 'retry' }>): string {
  return `${escapeControls(message)}; try ${String(attempt)} in ${(delayMs / 1000).toFixed(1)} s`;
}

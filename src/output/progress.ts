// Progress of a transfer on stderr: a bar, plain lines, JSON lines, or nothing. Consumers of TransferEvents.
import type { Writable } from 'node:stream';
import type { TransferEvent, TransferListener } from '../transfer/events.ts';
import { shareOf } from './bar-line.ts';
import { escapeControls, escapeJson } from './escape.ts';
import { describeRetry, type Progress, type ProgressOptions } from './progress-consumer.ts';
import { formatBytes, formatRate } from './size.ts';
import { toJson } from './text.ts';

export type ProgressKind = 'auto' | 'bar' | 'plain' | 'json' | 'none';

/** Milliseconds between plain lines: often enough to see that it lives, seldom enough for a log. */
const plainIntervalMs = 10_000;

/** `auto` is a bar on a terminal and plain lines elsewhere. */
export async function createProgress(kind: ProgressKind, options: ProgressOptions): Promise<Progress> {
  ignoreErrors(options.stream);
  if (kind === 'none') return { listen: () => undefined, stop: () => undefined };
  if (kind === 'json') return { listen: (event) => writeJson(event, options), stop: () => undefined };
  if (kind === 'plain' || (kind === 'auto' && !options.isTTY)) return plainProgress(options);
  return (await import('./progress-bar.ts')).barProgress(options);
}

const heard = new WeakSet<Writable>();

/** A reader that hung up must not end the transfer. Listened to for good: an error may come after the last event. */
function ignoreErrors(stream: Writable): void {
  if (heard.has(stream)) return;
  heard.add(stream);
  stream.on('error', () => undefined);
}

/** One event a line, with the time it happened. The names of the facts are public interface. */
function writeJson({ type, ...facts }: TransferEvent, { stream, clock }: ProgressOptions): void {
  const time = new Date(clock.wallTime()).toISOString();
  const named = Object.entries(facts).map(([key, value]) => [key === 'delayMs' ? 'delay_ms' : key, value] as const);
  stream.write(`${escapeJson(toJson({ event: type, time, ...Object.fromEntries(named) }))}\n`);
}

/** A line now and then, so none at all for what is soon done. What came of it others report. */
function plainProgress({ stream, clock }: ProgressOptions): Progress {
  let name = '';
  let toldAt = clock.monotonic();
  let bytesThen: number | null = null;
  const listen: TransferListener = (event) => {
    if (event.type === 'start') {
      name = escapeControls(event.name);
      toldAt = clock.monotonic();
    } else if (event.type === 'retry') {
      stream.write(`${describeRetry(event)}\n`);
      bytesThen = null;
    } else if (event.type === 'restart') {
      stream.write(`${escapeControls(event.message)}\n`);
      bytesThen = null;
    } else if (event.type === 'progress') {
      // Where the count starts is known from the first progress only: it may go on from an earlier run.
      bytesThen = bytesThen === null ? event.bytes : Math.min(bytesThen, event.bytes);
      const elapsedMs = clock.monotonic() - toldAt;
      if (elapsedMs < plainIntervalMs) return;
      const rate = formatRate(((event.bytes - bytesThen) * 1000) / elapsedMs);
      stream.write(`${name}: ${describeAmount(event.bytes, event.total)}, ${rate}\n`);
      toldAt = clock.monotonic();
      bytesThen = event.bytes;
    }
  };
  return { listen, stop: () => undefined };
}

/** `1.0 GiB of 5.0 GiB (20 %)`, or just the bytes where there is no total. */
function describeAmount(bytes: number, total: number | null): string {
  if (total === null) return formatBytes(bytes);
  const percent = Math.floor(shareOf(bytes, total) * 100);
  return `${formatBytes(bytes)} of ${formatBytes(total)} (${String(percent)} %)`;
}

// Progress on stderr: bars, plain lines, JSON lines, or nothing. All of them consume TransferEvents.
import type { Writable } from 'node:stream';
import { isoTime } from '../../clock.ts';
import { formatEvent } from '../event-line.ts';
import { Several } from './several.ts';
import { plainProgress } from './plain.ts';
import type { Progress, ProgressOptions } from './consumer.ts';

export type ProgressKind = 'auto' | 'bar' | 'plain' | 'json' | 'none';

/** Milliseconds between totals of several transfers in JSON; there is one also whenever an image begins or ends. */
const totalIntervalMs = 1000;

/** `auto` means bars on a terminal and plain lines elsewhere. */
export async function createProgress(kind: ProgressKind, options: ProgressOptions): Promise<Progress> {
  ignoreErrors(options.stream);
  if (kind === 'none') return silence;
  if (kind === 'json') return jsonProgress(options);
  if (kind === 'plain' || (kind === 'auto' && !options.isTTY)) return plainProgress(options);
  return (await import('./bar.ts')).barProgress(options);
}

const silence: Progress = {
  listen: () => undefined,
  several: () => ({ member: () => () => undefined }),
  fleet: () => () => undefined,
  stop: () => undefined,
};

const heard = new WeakSet<Writable>();

/**
 * A reader that hung up must not end the transfer. The listener is never removed, since an error may come after the
 * last event.
 */
function ignoreErrors(stream: Writable): void {
  if (heard.has(stream)) return;
  heard.add(stream);
  stream.on('error', () => undefined);
}

/**
 * One event of a transfer per line, with its time. The names of the facts are public interface. With several transfers, each
 * event names its image as `image`, and `total` events add them up. Whoever follows a fleet prints its events.
 */
function jsonProgress({ stream, clock }: ProgressOptions): Progress {
  const write = (event: string, facts: object): void => {
    stream.write(formatEvent(event, isoTime(clock), facts));
  };
  const several = (): ReturnType<Progress['several']> => {
    let toldAt = Number.NEGATIVE_INFINITY;
    const all = new Several(({ image }, told) => {
      const { event } = told;
      write(event, { image, ...told });
      const isTurn = event === 'start' || event === 'done' || event === 'failed';
      if (!isTurn && clock.monotonic() - toldAt < totalIntervalMs) return;
      toldAt = clock.monotonic();
      write('total', all.count);
    });
    return { member: (name, size, image) => all.member(name, size, image) };
  };
  return { ...silence, listen: (event) => write(event.event, event), several };
}

// A mirror as programs see it.
import type { Calls } from '../calls.ts';
import { Mirror, type MirrorCalls, type MirrorOptions } from './mirror.ts';

/** The calls of a mirror, with failures explained. @throws as {@link Mirror} */
export function mirrorCalls(calls: Calls, place: string, options: MirrorOptions): MirrorCalls {
  const mirror = new Mirror(calls.connection, place, { ...options, signal: calls.signalOf(options) });
  return {
    plan: () => calls.explaining(() => mirror.plan()),
    run: () => calls.explaining(() => mirror.run()),
    watch: (pauseMs, onReport) => calls.explaining(() => mirror.watch(pauseMs, onReport)),
  };
}

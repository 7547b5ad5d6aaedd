// When to try again, and how long to wait first. The decision is a pure function; the loop only carries it out.
import { type Clock, sleep } from './clock.ts';
import { addFacts, GlanceError, isRetryable } from './errors.ts';

export interface RetryPolicy {
  /** Attempts after the first that bring no progress, ≥ 0. */
  readonly retries: number;
  /** The same, if the failure was a temporary error status. Absent: {@link retries}. */
  readonly statusRetries?: number;
}

/** Bytes of progress after which an attempt counts as the first again. */
export const progressThreshold = 1024 * 1024;

const firstDelayMs = 1000;
const longestDelayMs = 60_000;
/** If a server asks for a longer wait than this, we give up. */
const longestRetryAfterMs = 300_000;
/** The last moment a Date can hold. */
const latestDateMs = 8.64e15;
/** On first contact, a refused connection is more likely due to a wrong address than to a temporary fault. */
const firstContactRetries = 2;

const contactCodes: ReadonlySet<string> = new Set([
  'net.refused',
  'net.unreachable',
  'net.timeout.connect',
  'proxy.refused',
]);

/** Codes of answers: the server is there, but cannot help now. */
const passingStatus = /^http\.(?:\d+|unavailable)$/;

/** Whether the server answered, with a status that says that it cannot help now. */
export function isAnswer({ code }: Pick<GlanceError, 'code'>): boolean {
  return passingStatus.test(code);
}

/**
 * How long to wait before the next try, in milliseconds, or null to give up.
 * Full jitter over 1 s, 2 s, 4 s … capped at 60 s; the server's `Retry-After` is a minimum.
 * @param failures failures in a row without progress, this one included, ≥ 1
 * @param answered whether the server has answered anything in this run
 * @param random in [0, 1)
 */
export function decideRetry(
  error: GlanceError,
  failures: number,
  answered: boolean,
  policy: RetryPolicy,
  random: number,
): number | null {
  if (!isRetryable(error.code)) return null;
  if (error.code === 'net.dns' && !answered && !isTemporaryDns(error)) return null;
  if (failures > retriesFor(error, answered, policy)) return null;
  const retryAfterMs = error.facts.retryAfterMs ?? 0;
  if (retryAfterMs > longestRetryAfterMs) return null;
  const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** (failures - 1));
  return Math.max(retryAfterMs, Math.floor(random * ceiling));
}

function retriesFor(
  { code }: GlanceError,
  answered: boolean,
  { retries, statusRetries = retries }: RetryPolicy,
): number {
  if (isAnswer({ code })) return statusRetries;
  return !answered && contactCodes.has(code) ? Math.min(retries, firstContactRetries) : retries;
}

/** When to come back, if the server asks for a wait that is too long for us. */
function adviseLater({ facts: { retryAfterMs = 0 } }: GlanceError, clock: Clock): string | undefined {
  if (retryAfterMs <= longestRetryAfterMs) return undefined;
  const seconds = Math.ceil(retryAfterMs / 1000);
  const time = new Date(Math.min(clock.wallTime() + retryAfterMs, latestDateMs)).toISOString().replace(/\.\d+Z$/, 'Z');
  return `the server asks to wait for ${String(seconds)} s: run the same command again after ${time}`;
}

function isTemporaryDns(error: GlanceError): boolean {
  return error.cause instanceof Error && 'code' in error.cause && error.cause.code === 'EAI_AGAIN';
}

interface Attempt {
  /** 1 for the first try. */
  readonly number: number;
}

export interface RetryNotice {
  readonly error: GlanceError;
  readonly delayMs: number;
  /** The attempt that comes next, ≥ 2. */
  readonly nextAttempt: number;
}

/** A fault that has not occurred for this long, in milliseconds, is reported again when it does. */
const calmMs = 600_000;
/** The lengths of waits shorter than this, in milliseconds, differ by chance, and are no reason to report again. */
const shortMs = 5000;
/** Causes to remember. */
const mostCauses = 1000;

/** Which waits have been reported: each cause is reported once, and again when it lasts longer or had been over for a while. */
export class ToldWaits {
  readonly #clock: Clock;
  readonly #told = new Map<string, { longestMs: number; seenAt: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether to report a wait; if so, it counts as reported.
   * @param delayMs its length; 0 if the length is no reason to report it again
   */
  isNews(cause: string, delayMs: number): boolean {
    const now = this.#clock.monotonic();
    const told = this.#told.get(cause);
    const isNews = told === undefined || delayMs > 2 * Math.max(told.longestMs, shortMs) || now - told.seenAt >= calmMs;
    if (this.#told.size >= mostCauses) this.#told.clear();
    this.#told.set(cause, { longestMs: isNews ? delayMs : told.longestMs, seenAt: now });
    return isNews;
  }

  /** The cause is gone: if it comes back, it is reported again. */
  forget(cause: string): void {
    this.#told.delete(cause);
  }
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly policy: RetryPolicy;
  readonly signal: AbortSignal;
  /** Whether the server has answered anything yet. */
  readonly answered: () => boolean;
  /** Whether the attempt that just failed made enough progress to start counting again. */
  readonly madeProgress?: () => boolean;
  readonly onRetry?: (notice: RetryNotice) => void;
}

/**
 * Calls `attempt` until it succeeds or the policy gives up. What an attempt has already retried is not tried again.
 * @throws the last error, with `attempts` among its facts; the signal's reason once it is aborted
 */
export async function withRetries<T>(options: RetryOptions, attempt: (attempt: Attempt) => Promise<T>): Promise<T> {
  let failures = 0;
  for (let number = 1; ; number++) {
    try {
      // Attempts must be sequential.
      return await attempt({ number });
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof GlanceError)) throw error;
      // A part of this attempt has used up its own retries: repeating all of it would multiply them.
      if (error.facts.attempts !== undefined) throw error;
      failures = options.madeProgress?.() ? 1 : failures + 1;
      const delayMs = decideRetry(error, failures, options.answered(), options.policy, options.clock.random());
      if (delayMs === null) throw addFacts(error, { attempts: number, hint: adviseLater(error, options.clock) });
      options.onRetry?.({ error, delayMs, nextAttempt: number + 1 });
      await sleep(options.clock, delayMs, options.signal);
    }
  }
}

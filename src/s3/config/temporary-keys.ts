// Keys that expire: what a service provides, and how a run always has valid ones.
import type { Clock } from '../../clock.ts';
import { GlanceError } from '../../errors.ts';
import type { S3Keys } from '../access.ts';

/** Keys, and how long they are valid. */
export interface TemporaryKeys {
  readonly keys: S3Keys;
  /** Wall time, milliseconds; null if not stated. In the past if the service itself cannot renew them. */
  readonly expiresAtMs: number | null;
}

/** Gets keys from a service. @throws GlanceError; the signal's reason */
export type FetchKeys = (signal: AbortSignal) => Promise<TemporaryKeys>;

/** Keys are renewed this long before they expire, as in botocore, unless they are valid for less than twice that. */
const renewBeforeMs = 10 * 60_000;
/** Shortest time between two requests to a service. */
const leastIntervalMs = 60_000;

/**
 * Reads the keys in a service's answer.
 * @param find returns a field's text; null if it is missing
 * @param tokenField the service's name for the session token
 * @throws GlanceError `json.invalid` for missing or malformed fields, which it names but does not show
 */
export function readTemporaryKeys(
  find: (field: string) => string | null,
  tokenField: 'Token' | 'SessionToken',
): TemporaryKeys {
  const field = (name: string): string => {
    const value = find(name);
    if (value !== null && isKeyText(value)) return value;
    throw new GlanceError('json.invalid', `the answer has no ${name} that can be used`);
  };
  const keys = {
    accessKeyId: field('AccessKeyId'),
    secretAccessKey: field('SecretAccessKey'),
    sessionToken: field(tokenField),
  };
  const expiration = find('Expiration');
  const expiresAtMs = expiration === null ? null : Date.parse(expiration);
  if (!Number.isNaN(expiresAtMs)) return { keys, expiresAtMs };
  throw new GlanceError('json.invalid', 'the answer has an Expiration that is not a time');
}

/** Whether a text can be an id, a secret or a token: printable ASCII without spaces. */
export function isKeyText(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

interface Held extends TemporaryKeys {
  /** Wall time, milliseconds. */
  readonly renewAtMs: number;
}

/** Gets keys when they are first needed, and new ones before they expire. Concurrent callers share one request. */
export class RenewedKeys {
  readonly #clock: Clock;
  readonly #fetch: FetchKeys;
  #held: Held | null = null;
  #renewal: { readonly signal: AbortSignal; readonly held: Promise<Held> } | null = null;

  constructor(clock: Clock, fetch: FetchKeys) {
    this.#clock = clock;
    this.#fetch = fetch;
  }

  /**
   * Valid keys. If they cannot be renewed, they are used until they expire.
   * @param refused as in `S3Access.keys`
   * @throws GlanceError; the signal's reason
   */
  async get(refused: S3Keys | null, signal: AbortSignal): Promise<S3Keys> {
    const held = this.#held;
    const now = this.#clock.wallTime();
    const isRefused = held !== null && refused !== null && isSame(held.keys, refused);
    if (held !== null && !isRefused && now < held.renewAtMs) return held.keys;
    try {
      return (await this.#renewed(signal)).keys;
    } catch (error) {
      signal.throwIfAborted();
      const isGood = held !== null && !isRefused && now < (held.expiresAtMs ?? Infinity);
      if (!isGood || !(error instanceof GlanceError)) throw error;
      this.#held = { ...held, renewAtMs: now + leastIntervalMs };
      return held.keys;
    }
  }

  async #renewed(signal: AbortSignal): Promise<Held> {
    for (;;) {
      const renewal = this.#renewal ?? this.#start(signal);
      try {
        return await renewal.held;
      } catch (error) {
        // Another caller aborted the shared request, so it starts again.
        if (renewal.signal === signal || !renewal.signal.aborted) throw error;
        signal.throwIfAborted();
      }
    }
  }

  #start(signal: AbortSignal): { readonly signal: AbortSignal; readonly held: Promise<Held> } {
    const held = this.#ask(signal).finally(() => (this.#renewal = null));
    this.#renewal = { signal, held };
    return this.#renewal;
  }

  async #ask(signal: AbortSignal): Promise<Held> {
    const got = await this.#fetch(signal);
    const now = this.#clock.wallTime();
    const lifetimeMs = (got.expiresAtMs ?? Infinity) - now;
    const waitMs = Math.max(leastIntervalMs, lifetimeMs / 2, lifetimeMs - renewBeforeMs);
    this.#held = { ...got, renewAtMs: now + waitMs };
    return this.#held;
  }
}

function isSame(left: S3Keys, right: S3Keys): boolean {
  return left.accessKeyId === right.accessKeyId && left.sessionToken === right.sessionToken;
}

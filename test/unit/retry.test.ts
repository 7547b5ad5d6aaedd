import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { errorCodes, GlanceError, isRetryable } from '../../src/errors.ts';
import { decideRetry, withRetries } from '../../src/retry.ts';

const policy = { retries: 5 };
const failure = (code: GlanceError['code'], facts = {}): GlanceError => new GlanceError(code, 'x', facts);

describe('decideRetry', () => {
  it('retries exactly what may be temporary', () => {
    const retried = errorCodes.filter((code) => decideRetry(failure(code), 1, true, policy, 0.5) !== null);
    expect(retried).toEqual([
      'net.refused',
      'net.dns',
      'net.unreachable',
      'net.reset',
      'net.stall',
      'net.slow',
      'net.timeout.connect',
      'net.timeout.headers',
      'http.truncated',
      'http.429',
      'http.500',
      'http.502',
      'http.503',
      'http.504',
      'http.unavailable',
      'proxy.refused',
      'proxy.failed',
      'place.unavailable',
      'queue.unavailable',
      'wait.timeout',
    ]);
    expect(retried.every(isRetryable)).toBe(true);
  });

  it('doubles the longest wait from 1 s up to 60 s', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) =>
      decideRetry(failure('http.503'), failures, true, { retries: 100 }, 0.999_999),
    );
    expect(waits).toEqual([999, 1999, 3999, 7999, 15_999, 31_999, 59_999, 59_999]);
  });

  it('gives up after the retries of the policy', () => {
    expect(decideRetry(failure('net.reset'), 5, true, policy, 0)).toBe(0);
    expect(decideRetry(failure('net.reset'), 6, true, policy, 0)).toBeNull();
    expect(decideRetry(failure('net.reset'), 1, true, { retries: 0 }, 0)).toBeNull();
  });

  it('counts status errors against their own retries, if there are any', () => {
    const own = { retries: 5, statusRetries: 1 };
    const delays = (['http.503', 'http.429', 'http.unavailable', 'net.reset', 'http.truncated'] as const).map((code) =>
      decideRetry(failure(code), 2, true, own, 0),
    );
    expect(delays).toEqual([null, null, null, 0, 0]);
    expect(decideRetry(failure('http.500'), 1, true, { retries: 0, statusRetries: 2 }, 0)).toBe(0);
  });

  it('tries a server that refuses at first contact three times, and one that answered before as often as usual', () => {
    expect(decideRetry(failure('net.refused'), 2, false, policy, 0)).toBe(0);
    expect(decideRetry(failure('net.refused'), 3, false, policy, 0)).toBeNull();
    expect(decideRetry(failure('net.refused'), 5, true, policy, 0)).toBe(0);
  });

  it('does not retry an unknown host name at first contact, but a name server that is silent', () => {
    expect(decideRetry(failure('net.dns'), 1, false, policy, 0)).toBeNull();
    const cause = Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' });
    expect(decideRetry(failure('net.dns', { cause }), 1, false, policy, 0)).toBe(0);
  });

  it('waits at least for Retry-After, and gives up if it exceeds five minutes', () => {
    expect(decideRetry(failure('http.503', { retryAfterMs: 7000 }), 1, true, policy, 0.5)).toBe(7000);
    expect(decideRetry(failure('http.429', { retryAfterMs: 300_000 }), 1, true, policy, 0.5)).toBe(300_000);
    expect(decideRetry(failure('http.429', { retryAfterMs: 300_001 }), 1, true, policy, 0.5)).toBeNull();
  });

  it('never waits longer than bounded, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...errorCodes),
        fc.integer({ min: 1, max: 1000 }),
        fc.boolean(),
        fc.option(fc.integer({ min: 0, max: 10_000_000 }), { nil: undefined }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (code, failures, answered, retryAfterMs, random) => {
          const delayMs = decideRetry(failure(code, { retryAfterMs }), failures, answered, { retries: 1000 }, random);
          expect(delayMs === null || (delayMs >= (retryAfterMs ?? 0) && delayMs <= 300_000)).toBe(true);
        },
      ),
    );
  });
});

describe('withRetries', () => {
  /** Each try fails, with or without progress. */
  async function fail(tries: number, progress: boolean, error: () => GlanceError): Promise<[number, GlanceError]> {
    let count = 0;
    const options = {
      clock: { ...systemClock, random: () => 0 },
      policy: { retries: 2 },
      signal: new AbortController().signal,
      answered: () => true,
      madeProgress: () => progress && count < tries,
    };
    const failed = await withRetries(options, () => {
      count += 1;
      return Promise.reject(error());
    }).catch((reason: unknown) => reason as GlanceError);
    return [count, failed];
  }

  it('counts only consecutive attempts without progress', async () => {
    expect((await fail(0, false, () => failure('net.reset')))[0]).toBe(3);
    // Nine attempts that made progress, each of which counts as the first; then two more.
    expect((await fail(10, true, () => failure('net.reset')))[0]).toBe(11);
  });

  it('does not multiply the retries of an operation that retries itself', async () => {
    const [count, { facts }] = await fail(0, false, () => failure('http.503', { attempts: 6 }));
    expect([count, facts.attempts]).toEqual([1, 6]);
  });

  it('reports each retry before it waits, with the error, the wait and its number', async () => {
    const notices: unknown[] = [];
    const options = {
      clock: { ...systemClock, random: () => 0 },
      policy: { retries: 2 },
      signal: new AbortController().signal,
      answered: () => true,
      onRetry: (notice: unknown) => void notices.push(notice),
    };
    const error = failure('http.503', { retryAfterMs: 1 });
    const seen: number[] = [];
    const run = withRetries(options, ({ number }) => {
      seen.push(number);
      return number < 3 ? Promise.reject(error) : Promise.resolve('done');
    });
    expect(await run).toBe('done');
    expect(seen).toEqual([1, 2, 3]);
    expect(notices).toEqual([
      { error, delayMs: expect.any(Number) as number, nextAttempt: 2 },
      { error, delayMs: expect.any(Number) as number, nextAttempt: 3 },
    ]);
  });

  it('reports the time if a server asks for too long a wait', async () => {
    const [count, { facts }] = await fail(0, false, () => failure('http.429', { retryAfterMs: 3_600_000 }));
    expect(count).toBe(1);
    expect(facts.hint).toMatch(
      /^the server asks to wait for 3600 s: run the same command again after \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    );
    const [, error] = await fail(0, false, () => failure('http.429', { retryAfterMs: Number.MAX_SAFE_INTEGER }));
    expect(error.facts.hint).toContain('+275760-');
  });
});

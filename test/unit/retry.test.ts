import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorCodes, GlanceError, isRetryable } from '../../src/errors.ts';
import { decideRetry } from '../../src/retry.ts';

const policy = { retries: 5 };
const failure = (code: GlanceError['code'], facts = {}): GlanceError => new GlanceError(code, 'x', facts);

describe('decideRetry', () => {
  it('retries exactly what may pass by itself', () => {
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
    ]);
    expect(retried.every(isRetryable)).toBe(true);
  });

  it('doubles the longest wait from 1 s on, up to 60 s', () => {
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

  it('tries a server that refuses at first contact three times, and one that answered before as often as any', () => {
    expect(decideRetry(failure('net.refused'), 2, false, policy, 0)).toBe(0);
    expect(decideRetry(failure('net.refused'), 3, false, policy, 0)).toBeNull();
    expect(decideRetry(failure('net.refused'), 5, true, policy, 0)).toBe(0);
  });

  it('does not retry an unknown host name at first contact, but a name server that is silent', () => {
    expect(decideRetry(failure('net.dns'), 1, false, policy, 0)).toBeNull();
    const cause = Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' });
    expect(decideRetry(failure('net.dns', { cause }), 1, false, policy, 0)).toBe(0);
  });

  it('takes Retry-After as the least, and gives up on one of more than five minutes', () => {
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

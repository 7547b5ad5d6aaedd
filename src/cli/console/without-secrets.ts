// A standard error to which no secret is written. All text for people and logs goes there, so that no writer has to
// remember this.
import type { Secrets } from '../../http/secrets/secrets.ts';
import type { OutputStream } from '../runtime.ts';

/** The stream, with secrets removed from text. Bytes pass unchanged. */
export function withoutSecrets(stream: OutputStream, secrets: Secrets): OutputStream {
  return new Proxy(stream, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key !== 'write') return value.bind(target) as unknown;
      return (chunk: unknown, ...rest: unknown[]): unknown =>
        Reflect.apply(value, target, [typeof chunk === 'string' ? secrets.hide(chunk) : chunk, ...rest]);
    },
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

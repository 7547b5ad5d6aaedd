// Knows which parts of a request and its answer are secret.
import type { HeaderList } from '../text/headers.ts';
import type { Secrets } from './secrets.ts';

interface Sent {
  readonly token: string | null;
  readonly extraHeaders?: readonly (readonly [name: string, value: string])[];
}

/** Registers what is sent, before any of it can come back. @param proxyAuthorization the value of that header, or null */
export function enterSent(secrets: Secrets, sent: Sent, url: URL, proxyAuthorization: string | null): void {
  secrets.addToken(sent.token);
  for (const [, value] of sent.extraHeaders ?? []) secrets.addAuthorization(value);
  if (url.password !== '') secrets.addPassword(url.password);
  if (proxyAuthorization !== null) secrets.addAuthorization(proxyAuthorization);
}

/**
 * Registers what proves who signed a request: the signature, which differs each time, and the token of temporary keys.
 */
export function enterSigned(secrets: Secrets, headers: ReadonlyMap<string, string>): void {
  secrets.addToken(headers.get('x-amz-security-token') ?? null);
  const [, signature] = /\bSignature=([0-9a-f]{64})$/.exec(headers.get('authorization') ?? '') ?? [];
  if (signature !== undefined) secrets.addPassing(signature);
}

/** The headers that answer a login. They are left as they are, since they would be useless otherwise. */
const credentialHeaders: ReadonlySet<string> = new Set(['x-subject-token', 'openstack-auth-receipt']);

/** Registers the answer to a login. */
export function enterAnswered(secrets: Secrets, headers: HeaderList): void {
  for (const token of headers.getAll('x-subject-token')) secrets.addToken(token);
  for (const receipt of headers.getAll('openstack-auth-receipt')) secrets.add(receipt);
}

/** The headers of an answer, without tokens that a server repeats. */
export function hideRepeated(secrets: Secrets, headers: HeaderList): HeaderList {
  return headers.map(({ name, value }) =>
    credentialHeaders.has(name.toLowerCase()) ? value : secrets.hideTokens(value),
  );
}

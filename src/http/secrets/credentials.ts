// What proves to a server who asks. Given by a token, by Keystone, or by nothing.

/** Headers that prove who asks. */
export interface Credentials {
  /** For `X-Auth-Token`; null for none. */
  readonly token: string | null;
  /** Others, such as `authorization`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface CredentialSource {
  /** What to send now. May log in. */
  current(): Promise<Credentials>;
  /** What to send after the server refused what was sent before; null if there is nothing else to be had. */
  renew(): Promise<Credentials | null>;
}

/** A token that was given, or none: there is no other to be had. */
export function fixedCredentials(token: string | null, headers: Credentials['headers'] = []): CredentialSource {
  return { current: () => Promise.resolve({ token, headers }), renew: () => Promise.resolve(null) };
}

// Our credentials for a server: from a given token, from Keystone, or none.

/** Headers that prove who we are. */
export interface Credentials {
  /** For `X-Auth-Token`; null for none. */
  readonly token: string | null;
  /** Others, such as `authorization`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface CredentialSource {
  /** What to send now. May log in. */
  current(): Promise<Credentials>;
  /** What to send after the server refused the last credentials; null if there is nothing else to try. */
  renew(): Promise<Credentials | null>;
}

/** A given token, or none: there is nothing else to try. */
export function fixedCredentials(token: string | null, headers: Credentials['headers'] = []): CredentialSource {
  return { current: () => Promise.resolve({ token, headers }), renew: () => Promise.resolve(null) };
}

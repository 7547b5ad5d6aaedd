// What a login is made with, and who takes part in it.
import type { HttpClient } from '../http/client.ts';
import type { Cloud } from './config/cloud.ts';

/** What a person can do; if a function is absent, nobody does it. */
export interface Person {
  /**
   * Asks for something that nobody else may see.
   * @returns null if nothing was entered
   * @throws the signal's reason
   */
  readonly askSecret?: ((question: string, signal: AbortSignal) => Promise<string | null>) | undefined;
  /** Shows a login page. @returns false if it could not be shown to anybody, who then have to open it themselves */
  readonly showPage?: ((page: URL) => boolean | Promise<boolean>) | undefined;
}

/** Who asks which Keystone for what. */
export interface TokenDesk {
  readonly client: HttpClient;
  readonly cloud: Cloud;
  /** Keystone's `/v3`. */
  readonly v3: URL;
  readonly signal: AbortSignal;
  readonly person: Person;
}

// What a login is made with, and who takes part in it.
import type { HttpClient } from '../http/client.ts';
import type { Cloud } from './config/cloud.ts';

/** What a person can do; what is absent nobody does. */
export interface Person {
  /**
   * Asks for something that nobody else may read.
   * @returns null where nothing was given
   * @throws the signal's reason
   */
  readonly askSecret?: ((question: string, signal: AbortSignal) => Promise<string | null>) | undefined;
  /** Shows a page to log in on. @returns false where nobody could be shown it, so that they have to open it by themselves */
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

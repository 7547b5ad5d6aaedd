// The parts that every login needs, and the person who may take part in it.
import type { HttpClient } from '../http/client.ts';
import type { Cloud } from './config/cloud.ts';

/** What a person can be asked to do. If a function is absent, there is nobody to do it. */
export interface Person {
  /**
   * Asks for something that nobody else may see.
   * @returns null if nothing was entered
   * @throws the signal's reason
   */
  readonly askSecret?: ((question: string, signal: AbortSignal) => Promise<string | null>) | undefined;
  /** Shows a login page. @returns false if it could not be shown, so that the person has to open it */
  readonly showPage?: ((page: URL) => boolean | Promise<boolean>) | undefined;
}

/** Everything that a request to Keystone needs. */
export interface TokenDesk {
  readonly client: HttpClient;
  readonly cloud: Cloud;
  /** Keystone's `/v3`. */
  readonly v3: URL;
  readonly signal: AbortSignal;
  readonly person: Person;
}

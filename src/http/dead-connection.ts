// A connection kept from an earlier request that turns out to be dead.
import type { GlanceError } from '../errors.ts';

/** As many as there can be connections to one server. */
export const mostDeadConnections = 16;

/** No answer began, on a connection that had been used before. */
export class DeadConnection extends Error {
  override readonly name = 'DeadConnection';
  /** The error that this would be on a new connection. */
  readonly failure: GlanceError;

  constructor(failure: GlanceError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

// A connection that was kept from an earlier request, and is found dead.
import type { GlanceError } from '../errors.ts';

/** As many as there can be connections to one server. */
export const mostDeadConnections = 16;

/** The answer did not begin, on a connection that had been used before. */
export class DeadConnection extends Error {
  override readonly name = 'DeadConnection';
  /** What it would be called on a new connection. */
  readonly failure: GlanceError;

  constructor(failure: GlanceError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

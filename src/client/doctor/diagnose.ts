// What `doctor` tells, for programs. It takes options instead of a client, as there may be no Glance to make one for.
import type { ConnectOptions } from '../connect-options.ts';
import { Connection } from '../connection.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';
import { explainingEach } from '../explaining.ts';

/**
 * Checks the configuration and the Glance that it leads to, one check after the other: settings with where each came
 * from, versions, TLS, clock, whether images are listed, whether the store gives parts. A check that fails is a finding.
 * @throws GlanceError `config.*`, `cloud.*` where the configuration cannot be read; the signal's reason
 */
export async function* diagnose(options: ConnectOptions): AsyncGenerator<Finding, void, undefined> {
  const connection = new Connection(options);
  try {
    yield* explainingEach(connection, examine(connection));
  } finally {
    await connection.close();
  }
}

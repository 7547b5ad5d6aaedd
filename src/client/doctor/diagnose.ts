// `doctor` for library callers. It takes options instead of a client, since there may be no Glance to create one for.
import type { ConnectOptions } from '../connect-options.ts';
import { Connection } from '../connection.ts';
import { examine } from './examine.ts';
import type { Finding } from './finding.ts';
import { explainingEach } from '../explaining.ts';

/**
 * Checks the configuration and the Glance that it leads to, one check after another: settings and their origins,
 * versions, TLS, clock, whether images can be listed, whether the store supports ranges. A check that fails is a finding.
 * @throws GlanceError `config.*`, `cloud.*` if the configuration cannot be read; the signal's reason
 */
export async function* diagnose(options: ConnectOptions): AsyncGenerator<Finding, void, undefined> {
  const connection = new Connection(options);
  try {
    yield* explainingEach(connection, examine(connection));
  } finally {
    await connection.close();
  }
}

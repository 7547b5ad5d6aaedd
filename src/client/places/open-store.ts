// Opens the configured bucket with a client of its own: authorities and keys are those of the store, not of the cloud.
import { openAccess } from '../../s3/config/open-access.ts';
import { S3Client } from '../../s3/s3-client.ts';
import { version } from '../../version.ts';
import type { Connection } from '../connection.ts';

/** How to reach a store, in addition to what AWS's own variables and files say. */
export interface StoreOptions {
  /** URL of its S3 API, http or https. Absent: `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`, a profile, or Amazon's. */
  readonly s3Endpoint?: string | undefined;
}

/**
 * Opens the store; nothing is requested yet. Its connections end with those of the connection.
 * @throws what `openAccess` throws; GlanceError `usage.option`
 */
export async function openStore(
  connection: Connection,
  bucket: string,
  { s3Endpoint }: StoreOptions,
  signal: AbortSignal,
): Promise<S3Client> {
  const { system, secrets, retry } = connection;
  const wire = { ...connection.wire, clock: system.clock, userAgent: `glance-cli/${version}`, retry, secrets };
  const { access, tls, warnings } = await openAccess(system, { endpoint: s3Endpoint ?? null }, wire, signal);
  for (const warning of warnings) connection.warn(warning);
  return new S3Client(await connection.openFurther(tls), access, bucket);
}

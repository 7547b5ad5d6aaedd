// Reads access to a store from variables, files and services, as AWS's tools do.
import type { TlsSettings } from '../../http/connect/dispatchers.ts';
import type { S3Access } from '../access.ts';
import { findKeys } from './keys.ts';
import type { KeyWire } from './key-service.ts';
import type { AwsPlace } from './place.ts';
import { readProfile } from './profile.ts';
import { readEndpoint, readRegion, readTls } from './settings.ts';

/** Access to a store, and how to reach it. */
export interface ConfiguredAccess {
  readonly access: S3Access;
  /** For the connections to the store: `AWS_CA_BUNDLE` or the usual authorities. */
  readonly tls: TlsSettings;
  /** Warnings about oddities, one sentence each. */
  readonly warnings: readonly string[];
}

/**
 * Reads the configuration. Services that provide keys are asked when keys are first needed, and again before these
 * expire.
 * @param options `endpoint`: the value of `--s3-endpoint`, or null
 * @param wire how to ask services, and where to enter every secret
 * @throws GlanceError `config.invalid`, `config.missing`, `usage.unsupported`, `io.limit`; the signal's reason
 */
export async function openAccess(
  place: AwsPlace,
  options: { readonly endpoint: string | null },
  wire: KeyWire,
  signal: AbortSignal,
): Promise<ConfiguredAccess> {
  const profile = await readProfile(place, signal);
  const endpoint = readEndpoint(place, profile, 's3', options.endpoint);
  const region = readRegion(place, profile);
  const tls = await readTls(place, profile, signal);
  const keys = findKeys({ place, profile, wire, region, tls });
  return { access: { endpoint, region, keys }, tls, warnings: profile.warnings };
}

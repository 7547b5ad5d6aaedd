// What programs can do without a GlanceClient. Where a caller does not say what the surroundings are, they are chosen here, as
// they are by `GlanceClient.connect`: everything further in is told.
import type { Readable } from 'node:stream';
import { systemClock } from '../clock.ts';
import type { Report } from '../disk/report.ts';
import type { ConnectOptions } from './connect-options.ts';
import { Connection } from './connection.ts';
import { examine } from './doctor/examine.ts';
import type { Finding } from './doctor/finding.ts';
import { explainingEach } from './explaining.ts';
import { inspectFileOf, type InspectOptions, inspectStreamed } from './inspect/inspect-file.ts';
import { verifyMirrorOver, type VerifyMirrorOptions } from './mirror/verify-mirror.ts';
import { type Inventory, takeInventory } from './sbom/inventory.ts';
import { bareSystem } from './system.ts';
import { type Verdict, verifyFileOver, type VerifyFileOptions, type VerifyOptions } from './verify.ts';

/**
 * Checks the configuration and the Glance that it leads to, one check after another: settings and their origins,
 * versions, TLS, clock, whether images can be listed, whether the store supports ranges. A check that fails is a finding.
 * Takes options instead of a client, since there may be no Glance to create one for.
 * @throws GlanceError `config.*`, `cloud.*` if the configuration cannot be read; the signal's reason
 */
export async function* diagnose(options: ConnectOptions): AsyncGenerator<Finding, void, undefined> {
  const connection = openConnection({ connect: options });
  try {
    yield* explainingEach(connection, examine(connection));
  } finally {
    await connection.close();
  }
}

/**
 * Inspects a file or block device. Anything else is read sequentially.
 * @throws GlanceError `io.*`, `data.empty`; the signal's reason
 */
export async function inspectFile(path: string, options: InspectOptions = {}): Promise<Report> {
  return await inspectFileOf(null, path, { ...options, clock: systemClock });
}

/**
 * Inspects a stream; reads it to its end only if the verdict needs that.
 * @throws GlanceError `data.empty`; what it fails with; the signal's reason
 */
export async function inspectStream(stream: Readable, options: InspectOptions = {}): Promise<Report> {
  return await inspectStreamed(stream, { ...options, clock: systemClock });
}

/**
 * Lists what is installed in the image that a file or block device holds.
 * @throws GlanceError `contents.*`, `io.*`, `data.empty`; the signal's reason
 */
export async function listFilePackages(path: string, options: InspectOptions = {}): Promise<Inventory> {
  const { inventory } = await takeInventory(async (more) => await inspectFile(path, { ...options, ...more }));
  return inventory;
}

/**
 * Compares a file with given digests, with a vendor's list, or with the record that `download` with `metadata` wrote
 * beside it. Needs the network only for such a list.
 * @param path absolute, or relative to the working directory
 * @returns the verdict; `unproven` if the record has no digest
 * @throws GlanceError `io.missing` without the file, or without a record and `expect`; `io.*`; `json.invalid`,
 * `metadata.invalid` for the record or the list; `usage.argument` for an invalid digest or list;
 * `integrity.unprovable`, `integrity.contradiction` for the list; what fetching it fails with; the signal's reason
 */
export async function verifyFile(path: string, options: VerifyFileOptions = {}): Promise<Verdict> {
  const connection = openConnection(options);
  try {
    return await verifyFileOver(connection, path, options);
  } finally {
    await connection.close();
  }
}

/**
 * Compares every file of a mirror with its index, and finds what does not belong there. Needs no Glance.
 * @param place a directory, absolute or from the working directory, or `s3://BUCKET/PREFIX`
 * @returns a verdict for each image, in the order of the index, then one for each other finding; `unlisted` is no damage: the
 * next run of the mirror lists it
 * @throws GlanceError `usage.argument` for a URL of another kind; `io.missing`, `place.missing` where there is no mirror, `io.*`,
 * `place.*` if it cannot be read; the signal's reason
 */
export async function* verifyMirror(
  place: string,
  options: VerifyMirrorOptions = {},
): AsyncGenerator<Verdict, void, undefined> {
  const connection = openConnection(options);
  try {
    yield* verifyMirrorOver(connection, place, options);
  } finally {
    await connection.close();
  }
}

/** A connection in the surroundings that the caller names; those of this machine where none are named. */
export function openConnection({
  connect = {},
  system = {},
}: {
  readonly connect?: ConnectOptions;
  readonly system?: Partial<NonNullable<VerifyOptions['system']>>;
}): Connection {
  return new Connection({ ...connect, system: { ...(connect.system ?? bareSystem()), ...system } });
}

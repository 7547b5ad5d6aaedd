// Finds the image that somebody means.
import { AmbiguousImageError, type Candidate } from '../errors.ts';
import type { Image } from '../image/image.ts';
import { bearOddRecord } from '../image/odd-record.ts';
import { explainPin, findPin } from '../image/pin.ts';
import { resolveImage } from '../image/resolve.ts';
import type { ImageService } from '../image/service.ts';
import { parseImageUri } from '../image/uri.ts';
import type { Connection } from './connection.ts';
import { type Found, serviceFor } from './calls.ts';

export type { Found } from './calls.ts';

/**
 * Asks which of several images is meant.
 * @param name the name that they share
 * @returns the id; null for none of them, or if nobody answers
 */
export type Choose = (name: string, candidates: readonly Candidate[], signal: AbortSignal) => Promise<string | null>;

export interface FindImageOptions {
  /** Whether to take the newest if several images have that name. Absent: false. */
  readonly latest?: boolean;
  /** Whether odd fields that say nothing about the data are an error; absent: they only cause a warning. */
  readonly strict?: boolean;
  /** Called if several images have that name. Absent: that is an error. */
  readonly choose?: Choose | undefined;
  /** Ends the search. Absent: only the signal of the connection does. */
  readonly signal?: AbortSignal;
}

/**
 * The image with an id, or else with a name; either may be pinned by a digest (`NAME@sha256:HEX`). Or the image at a full URI.
 * @throws GlanceError `image.*`, `integrity.pin`; OddRecordError; what connecting and requests fail with
 */
export async function findImage(connection: Connection, query: string, options: FindImageOptions = {}): Promise<Found> {
  const { latest = false, choose, signal = connection.signal } = options;
  const bear = bearing(connection, options);
  const uri = parseImageUri(query);
  if (uri !== undefined) {
    const service = await connection.serviceAt(uri.base);
    return { image: await service.get(uri.id, signal).catch(bear), service, pins: [] };
  }
  const service = await serviceFor(connection, signal);
  const { name, pin } = findPin(query);
  const image = await resolveImage(service, name, latest, signal)
    .catch((error: unknown) => chooseOne(error, service, choose, signal))
    .catch((error: unknown) => bear(explainPin(error, query)));
  pin?.check(image);
  return { image, service, pins: pin === null ? [] : [pin] };
}

/**
 * Handles an odd record.
 * @returns a function that returns its image.
 * @throws any other error, and a record that counts as a failure
 */
export function bearing(
  connection: Connection,
  { strict = false }: Pick<FindImageOptions, 'strict'>,
): (error: unknown) => Image {
  return (error) => {
    if (strict) throw error;
    return bearOddRecord(error, (message) => connection.warn(message));
  };
}

/** Lets somebody choose if several images have the name. @throws the error if nobody chooses, or if it is a different one */
export async function chooseOne(
  error: unknown,
  service: ImageService,
  choose: Choose | undefined,
  signal: AbortSignal,
): Promise<Image> {
  if (!(error instanceof AmbiguousImageError) || choose === undefined) throw error;
  const id = await choose(error.query, error.matches, signal);
  if (id === null) throw error;
  return await service.get(id, signal);
}

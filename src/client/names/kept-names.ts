// Keeps names and ids of images for completion: one file for each configured place. Never a secret.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { at, textAt } from '../../identity/answer-fields.ts';
import { readPrivate, removePrivate, writePrivate } from '../../identity/private-file.ts';
import { cacheDirectory } from '../../identity/token-cache.ts';
import type { Image } from '../../image/image.ts';
import type { System } from '../system.ts';

/** What is kept of an image. */
export type NamedImage = Pick<Image, 'id' | 'name'>;

/** Names that were kept. */
interface NameList {
  readonly images: readonly NamedImage[];
  readonly isFresh: boolean;
}

const freshMs = 60_000;
/** More than anybody wants to choose from. */
export const maxImages = 5000;

/** The variables that distinguish one place from another, secrets excluded. */
const variables = (
  'CLOUD CLIENT_CONFIG_FILE AUTH_URL AUTH_TYPE REGION_NAME INTERFACE IMAGE_API_VERSION IMAGE_ENDPOINT_OVERRIDE ' +
  'IMAGE_URL USERNAME USER_ID USER_DOMAIN_NAME USER_DOMAIN_ID PROJECT_NAME PROJECT_ID PROJECT_DOMAIN_NAME ' +
  'PROJECT_DOMAIN_ID TENANT_NAME TENANT_ID APPLICATION_CREDENTIAL_ID APPLICATION_CREDENTIAL_NAME'
)
  .split(' ')
  .map((name) => `OS_${name}`);

/** The options that distinguish one place from another, with their values, in a fixed order. Contains no secrets. */
type Place = readonly (readonly [option: string, value: string])[];

export class KeptNames {
  readonly #system: System;
  readonly #path: string;

  constructor(system: System, place: Place) {
    this.#system = system;
    this.#path = join(directoryOf(system), `${keyOf(system, place)}.json`);
  }

  /** Null if no names are kept. */
  read(): NameList | null {
    const entry = readPrivate(this.#path, this.#system.uid);
    const [writtenAt, list] = [at(entry, 'at_ms'), at(entry, 'images')];
    if (typeof writtenAt !== 'number' || !Array.isArray(list)) return null;
    const images = list.flatMap((each: unknown) => {
      const id = textAt(each, 'id');
      return id === undefined ? [] : [{ id, name: textAt(each, 'name') ?? null }];
    });
    const ageMs = this.#system.clock.wallTime() - writtenAt;
    return { images, isFresh: ageMs >= 0 && ageMs < freshMs };
  }

  /** Keeps names for a minute. Failures to write are ignored. */
  async write(images: readonly NamedImage[]): Promise<void> {
    const kept = images.slice(0, maxImages).map(({ id, name }) => ({ id, name }));
    const entry = { schema: 1, at_ms: this.#system.clock.wallTime(), images: kept };
    await writePrivate(this.#path, this.#system.uid, entry);
  }
}

/** Removes the names of all places. */
export async function clearNames(system: System): Promise<void> {
  const names = /^[0-9a-f]{32}\.json(?:\.[0-9a-f]+\.tmp)?$/;
  await removePrivate(directoryOf(system), (name) => names.test(name));
}

function directoryOf({ env, homedir }: System): string {
  return join(cacheDirectory(env, homedir), 'names');
}

function keyOf({ env, cwd, homedir }: System, given: Place): string {
  const hasOwnClouds =
    cwd !== null && ['yaml', 'yml', 'json'].some((suffix) => existsSync(join(cwd, `clouds.${suffix}`)));
  const place = [
    variables.map((name) => env[name] || null),
    env['XDG_CONFIG_HOME'] ?? homedir,
    hasOwnClouds ? cwd : '',
  ];
  return createHash('sha256')
    .update(JSON.stringify([given, place]))
    .digest('hex')
    .slice(0, 32);
}

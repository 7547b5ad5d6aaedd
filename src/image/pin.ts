// Pinned images: `NAME@sha512:HEX`, `ID@md5:HEX`. Any other data than the pinned is an integrity failure.
import { type Digest, findAlgorithm, isDigestHex, parseDigest } from '../digests.ts';
import { GlanceError } from '../errors.ts';
import { digestsOf } from './data-answer.ts';
import type { Image } from './image.ts';

/** A digest that the user requires. */
export class Pin {
  readonly digest: Digest;

  constructor(digest: Digest) {
    this.digest = digest;
  }

  /**
   * Compares it with the metadata. If that has no digest with this algorithm, only the data can tell.
   * @throws GlanceError `integrity.pin`
   */
  check(image: Image): void {
    const { algorithm, hex } = this.digest;
    const promised = digestsOf(image).find((digest) => digest.algorithm === algorithm);
    if (promised === undefined || promised.hex === hex) return;
    throw new GlanceError(
      'integrity.pin',
      `image ${image.id} is not the pinned one: its ${algorithm} is ${promised.hex}, not ${hex}`,
      {
        image: image.id,
        hint: 'the image was replaced, or the pin is for another one',
      },
    );
  }
}

/** If no image has the name and it looks like a pin, the error says so. @returns the error to throw */
export function explainPin(error: unknown, query: string): unknown {
  const digest = /@([A-Za-z0-9_-]{2,12}:[0-9A-Fa-f]*)$/.exec(query)?.[1];
  const isMissing = error instanceof GlanceError && error.code === 'image.not_found';
  if (!isMissing || digest === undefined || findPin(query).pin !== null) return error;
  try {
    parseDigest(digest);
    return error;
  } catch (bad) {
    const { message, facts } = bad as GlanceError;
    const hint = `was a pin meant, NAME@ALG:HEX? ${message}; ${facts.hint ?? ''}`;
    return new GlanceError(error.code, error.message, { ...error.facts, hint, cause: error });
  }
}

/** Splits `NAME@ALG:HEX`. Text that does not end in a well-formed digest is a plain name. */
export function findPin(query: string): { readonly name: string; readonly pin: Pin | null } {
  const at = query.lastIndexOf('@');
  const name = at > 0 ? query.slice(0, at) : undefined;
  const [, word, hex] = /^([A-Za-z0-9_-]{2,12}):([0-9A-Fa-f]+)$/.exec(query.slice(at + 1)) ?? [];
  const algorithm = word === undefined ? undefined : findAlgorithm(word);
  if (name === undefined || hex === undefined || algorithm === undefined || !isDigestHex(algorithm, hex)) {
    return { name: query, pin: null };
  }
  return { name, pin: new Pin({ algorithm, hex: hex.toLowerCase() }) };
}

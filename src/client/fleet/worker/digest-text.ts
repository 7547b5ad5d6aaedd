// The digest by which a job knows an image's data.
import { digestsOf } from '../../../image/data-answer.ts';
import type { Image } from '../../../image/image.ts';
import { strongestOf } from '../../../transfer/digest/promises.ts';

/**
 * The strongest digest that the cloud states, `ALGORITHM:HEX`; null if there is none.
 * @throws GlanceError `metadata.invalid`
 */
export function digestText(image: Image): string | null {
  const digest = strongestOf(digestsOf(image));
  return digest === null ? null : `${digest.algorithm}:${digest.hex}`;
}

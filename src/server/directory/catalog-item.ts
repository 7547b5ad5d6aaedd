// What is offered for one file: its record, completed by computed digests, and its data once the digests are known.
import type { Image } from '../../image/image.ts';
import type { CatalogImage } from '../images/catalog.ts';
import { fillDigests } from '../images/record.ts';
import type { KnownDigests } from './digest-store.ts';
import type { ImageFile, ImageFiles } from './directory.ts';
import { fileBytes } from '../answers/image-bytes.ts';

/** One file of the directory, as found. */
export interface FoundFile {
  readonly file: ImageFile;
  readonly listed: ImageFiles['listed'];
}

/** One file of the directory, and what is offered for it. */
export interface Item extends FoundFile {
  readonly state: 'known' | 'queued' | 'saving' | 'killed';
  readonly entry: CatalogImage;
}

/** Whether the record already has every digest that would be computed. */
export function hasAllDigests({ checksum, os_hash_value }: Image): boolean {
  return checksum !== null && os_hash_value !== null;
}

/**
 * Makes the item for one file.
 * @param digests of the file, if they were computed
 * @param onFailure called if its data can no longer be read as it was found
 */
export function makeItem(
  { file, listed }: FoundFile,
  state: Item['state'],
  digests: KnownDigests | undefined,
  onFailure: () => void,
): Item {
  const image = digests === undefined ? file.image : fillDigests(file.image, digests);
  const isVouchedFor = listed !== null || image.checksum !== null || image.os_hash_value !== null;
  const isOffered = state === 'known' || isVouchedFor;
  const entry: CatalogImage = {
    image: isOffered || image.status !== 'active' ? image : { ...image, status: state },
    data: isOffered ? fileBytes(file.path, file.identity, onFailure) : null,
    members: [],
    ...(typeof listed?.sha512 === 'string' && { digest: listed.sha512 }),
  };
  return { file, listed, state, entry };
}

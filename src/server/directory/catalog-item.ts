// What is offered of one file: its record, filled up by the digests that were computed, and its data once those are known.
import type { Image } from '../../image/image.ts';
import type { CatalogImage } from '../images/catalog.ts';
import { fillDigests } from '../images/record.ts';
import type { KnownDigests } from './digest-store.ts';
import type { ImageFile, ImageFiles } from './directory.ts';
import { fileBytes } from '../answers/image-bytes.ts';

/** One file of the directory, as it was seen. */
export interface FoundFile {
  readonly file: ImageFile;
  readonly listed: ImageFiles['listed'];
}

/** One file of the directory, and what is offered of it. */
export interface Item extends FoundFile {
  readonly state: 'known' | 'queued' | 'saving' | 'killed';
  readonly entry: CatalogImage;
}

/** Whether the record itself tells all that would be computed. */
export function hasAllDigests({ checksum, os_hash_value }: Image): boolean {
  return checksum !== null && os_hash_value !== null;
}

/**
 * One file of the directory.
 * @param digests of the file, if they were computed
 * @param onFailure told when its data cannot be read as it was looked at
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

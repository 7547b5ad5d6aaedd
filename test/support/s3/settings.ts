// What a handler takes into account besides the request and the state.
import type { Flavour } from './flavours.ts';
import type { Credentials } from './signature.ts';

export interface Settings {
  readonly flavour: Flavour;
  readonly credentials: Credentials;
  /** The region that the endpoint belongs to. */
  readonly region: string;
  /** `opaque`: ETags are not MD5s, as where objects are encrypted with SSE-KMS. */
  readonly etags: 'md5' | 'opaque';
  /** The minimum size of every part but the last. S3 says 5 MiB. */
  readonly minPartBytes: number;
  /** The maximum number of entries on a page of any listing. S3 says 1,000. */
  readonly pageEntries: number;
}

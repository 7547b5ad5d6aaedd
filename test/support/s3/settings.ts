// What a handler goes by beside the request and the state.
import type { Flavour } from './flavours.ts';
import type { Credentials } from './signature.ts';

export interface Settings {
  readonly flavour: Flavour;
  readonly credentials: Credentials;
  /** The region that the endpoint is of. */
  readonly region: string;
  /** `opaque`: ETags are no MD5, as where objects are encrypted with SSE-KMS. */
  readonly etags: 'md5' | 'opaque';
  /** What a part has at least, the last apart. S3 says 5 MiB. */
  readonly minPartBytes: number;
  /** Entries of a page at most, of any listing. S3 says 1,000. */
  readonly pageEntries: number;
}

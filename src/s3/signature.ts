// AWS's Signature Version 4, for one request.
import type { S3Keys } from './access.ts';

export interface Unsigned {
  readonly method: string;
  readonly url: URL;
  readonly region: string;
  /** All of them are signed. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What `x-amz-content-sha256` says. */
  readonly contentSha256: string;
  /** Wall time of the store, milliseconds. */
  readonly timeMs: number;
}

/**
 * All headers that the signature covers, and the signature.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export async function signHeaders(unsigned: Unsigned, keys: S3Keys): Promise<ReadonlyMap<string, string>> {
  const { AwsV4Signer } = await import('aws4fetch');
  const signer = new AwsV4Signer({
    method: unsigned.method,
    url: unsigned.url.href,
    headers: Object.fromEntries([...unsigned.headers, ['x-amz-content-sha256', unsigned.contentSha256]]) as Record<
      string,
      string
    >,
    accessKeyId: keys.accessKeyId,
    secretAccessKey: keys.secretAccessKey,
    ...(keys.sessionToken === null ? {} : { sessionToken: keys.sessionToken }),
    service: 's3',
    region: unsigned.region,
    datetime: new Date(unsigned.timeMs).toISOString().replace(/[:-]|\.\d{3}/g, ''),
  });
  const { headers } = await signer.sign();
  return new Map(headers);
}

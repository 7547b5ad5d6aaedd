// Where a store is and with which keys to access it, as values, wherever they come from.

/** The hint for an untrusted certificate: a store has authorities of its own, not the cloud's. */
export const authorityHint = 'if you trust this server, name its authority with AWS_CA_BUNDLE';

/** The keys that sign a request. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The session token of keys that expire; null for other keys. */
  readonly sessionToken: string | null;
}

/** A store, and the right to access it. */
export interface S3Access {
  /**
   * The URL of the store's S3 API, http or https; buckets are part of the path. Null: Amazon's, which depends on the
   * region.
   */
  readonly endpoint: URL | null;
  /** The region to sign for, such as `us-east-1`. If the store names another one for the bucket, that is used. */
  readonly region: string;
  /**
   * The keys to sign with now. Called before every attempt, so working keys should be kept.
   * @param refused keys that the store says have expired, so that others are needed; null at first
   * @throws GlanceError if there are none; if it returns the keys in `refused`, the store's refusal stands
   */
  keys(refused: S3Keys | null, signal: AbortSignal): Promise<S3Keys>;
}

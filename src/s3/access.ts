// Where a store is and who asks there, as values: however they were found out.

/** For a certificate that is not trusted: a store's authorities are its own, not the cloud's. */
export const authorityHint = 'if you trust this server, name its authority with AWS_CA_BUNDLE';

/** What signs a request. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of keys that expire; null for those that do not. */
  readonly sessionToken: string | null;
}

/** A store, and the right to ask it. */
export interface S3Access {
  /** The address of the store's S3 API, http or https; buckets are asked for in its path. Null: Amazon's, found by region. */
  readonly endpoint: URL | null;
  /** That requests are signed for, such as `us-east-1`. Where the store names another for the bucket, that one is used. */
  readonly region: string;
  /**
   * The keys to sign with now. Called before every attempt, so what is good is to be kept.
   * @param refused keys that the store says have expired: others are wanted. Null at the first question
   * @throws GlanceError if there are none to be had; with the same keys as `refused` the store's refusal stands
   */
  keys(refused: S3Keys | null, signal: AbortSignal): Promise<S3Keys>;
}

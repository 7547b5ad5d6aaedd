// How the stores that speak S3 differ, as values: what a Ceph RGW 16.2 and a Swift 2.30 do is recorded in test/fixtures/s3/,
// what AWS does is in its documentation.

import { percentEncode } from './request.ts';

/** What one kind of store does differently from another. */
export interface Flavour {
  readonly name: 'aws' | 'rgw' | 'swift';
  /** The lowest and the highest part number that is accepted. */
  readonly partNumbers: readonly [first: number, last: number];
  /** What becomes of `If-None-Match: *`. */
  readonly ifNoneMatch: {
    readonly put: 'honoured' | 'unsupported';
    readonly complete: 'honoured' | 'ignored';
  };
  /** An upload with more parts than are named on completion. */
  readonly surplusParts: 'dropped' | 'refused';
  /** Parts that are named out of order on completion. */
  readonly partOrder: 'checked' | 'ignored';
  /** An upload that is completed: its parts may still be listed, and more may be sent. */
  readonly completedUpload: 'forgotten' | 'kept';
  /** The ETag in the answer to the completion of an upload: empty at first and bare when asked again, or quoted. */
  readonly completionETag: 'quoted' | 'empty';
  readonly signature: {
    readonly region: 'checked' | 'ignored';
    readonly sessionToken: 'checked' | 'ignored';
    readonly unknownKey: 'InvalidAccessKeyId' | 'SignatureDoesNotMatch';
    readonly otherBody: 'XAmzContentSHA256Mismatch' | 'BadDigest';
  };
  /** Whether errors have a text for people. */
  readonly hasMessages: boolean;
  readonly hasAcceptRanges: boolean;
  /** A key, or with `isPrefix` the prefix of a listing, as encoded for `encoding-type=url`. */
  readonly encodeKey: (key: string, isPrefix: boolean) => string;
  /** The smallest step of its times, in milliseconds. */
  readonly timeStepMs: number;
}

const aws: Flavour = {
  name: 'aws',
  partNumbers: [1, 10_000],
  ifNoneMatch: { put: 'honoured', complete: 'honoured' },
  surplusParts: 'dropped',
  partOrder: 'checked',
  completedUpload: 'forgotten',
  completionETag: 'quoted',
  signature: {
    region: 'checked',
    sessionToken: 'checked',
    unknownKey: 'InvalidAccessKeyId',
    otherBody: 'XAmzContentSHA256Mismatch',
  },
  hasMessages: true,
  hasAcceptRanges: true,
  encodeKey: (key) => percentEncode(key).replaceAll('%2F', '/').replaceAll('%20', '+'),
  timeStepMs: 1000,
};

const rgw: Flavour = {
  name: 'rgw',
  partNumbers: [0, Number.MAX_SAFE_INTEGER],
  ifNoneMatch: { put: 'honoured', complete: 'ignored' },
  surplusParts: 'refused',
  partOrder: 'ignored',
  completedUpload: 'forgotten',
  completionETag: 'empty',
  signature: {
    region: 'ignored',
    sessionToken: 'ignored',
    unknownKey: 'InvalidAccessKeyId',
    otherBody: 'XAmzContentSHA256Mismatch',
  },
  hasMessages: false,
  hasAcceptRanges: true,
  encodeKey: (key, isPrefix) => (isPrefix ? key : percentEncode(key)),
  timeStepMs: 1,
};

const swift: Flavour = {
  name: 'swift',
  partNumbers: [1, 1000],
  ifNoneMatch: { put: 'unsupported', complete: 'honoured' },
  surplusParts: 'dropped',
  partOrder: 'checked',
  completedUpload: 'kept',
  completionETag: 'quoted',
  signature: {
    region: 'checked',
    sessionToken: 'ignored',
    unknownKey: 'SignatureDoesNotMatch',
    otherBody: 'BadDigest',
  },
  hasMessages: true,
  hasAcceptRanges: false,
  encodeKey: (key) => percentEncode(key).replaceAll('%2F', '/'),
  timeStepMs: 1000,
};

export const flavours = { aws, rgw, swift } as const satisfies Readonly<Record<string, Flavour>>;

export type FlavourName = keyof typeof flavours;

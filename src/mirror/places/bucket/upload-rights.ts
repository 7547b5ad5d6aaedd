// What access keys may do with the uploads of a bucket. None of these rights is needed to keep a mirror: without them, more is
// sent, or more is left behind.
import { S3Error } from '../../../s3/refusals.ts';

/** A right, by the action that AWS's policies name. */
export type UploadRight = 's3:ListBucketMultipartUploads' | 's3:ListMultipartUploadParts' | 's3:AbortMultipartUpload';

export type OnDenied = (right: UploadRight) => void;

/** What keys lack, and what that means, for a warning. */
export const consequences: Readonly<Record<UploadRight, readonly [what: string, consequence: string]>> = {
  's3:ListBucketMultipartUploads': [
    'list the uploads in',
    'interrupted uploads start again, and what is left of them stays',
  ],
  's3:ListMultipartUploadParts': ['list the parts of uploads in', 'interrupted uploads start again'],
  's3:AbortMultipartUpload': ['abort uploads in', 'what is left of interrupted uploads stays'],
};

/** The result of the work, or `instead` if the keys lack the right, which is reported. @throws any other failure */
export async function unlessDenied<T>(
  right: UploadRight,
  onDenied: OnDenied,
  instead: T,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof S3Error) || error.s3Code !== 'AccessDenied') throw error;
    onDenied(right);
    return instead;
  }
}

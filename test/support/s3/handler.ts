// A request to S3 and the state of a store → what is answered and what changes. Pure: the caller makes the changes.
import { answerFailure, Failure, type Outcome } from './answer.ts';
import { completeUpload } from './completion.ts';
import { listObjects, listUploads } from './lists.ts';
import { deleteObject, getObject, putObject, unchanged } from './objects.ts';
import type { S3Request } from './request.ts';
import type { Settings } from './settings.ts';
import { findSignedRegion, regionHeader, verifyBody, verifySignature } from './signature.ts';
import type { Bucket, State } from './state.ts';
import { abortUpload, createUpload, listParts, putPart } from './uploads.ts';

export function answerS3(request: S3Request, state: State, settings: Settings): Outcome {
  try {
    return carryOut(request, state, settings);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return unchanged(answerFailure(settings.flavour, request, error));
  }
}

function carryOut(request: S3Request, state: State, settings: Settings): Outcome {
  const bucket = state.findBucket(request.bucket);
  const region = bucket?.region ?? settings.region;
  redirect(request, region, settings);
  verifySignature(request, settings.credentials, settings.flavour, region);
  if (bucket === undefined) throw new Failure('NoSuchBucket', [['BucketName', request.bucket]]);
  verifyBody(request, settings.flavour);
  return operate(request, bucket, state, settings);
}

function operate(request: S3Request, bucket: Bucket, state: State, settings: Settings): Outcome {
  switch (request.operation) {
    case 'ListObjectsV2':
      return listObjects(request, bucket, settings, state);
    case 'ListMultipartUploads':
      return listUploads(request, bucket, settings);
    case 'GetObject':
    case 'HeadObject':
      return getObject(request, bucket, settings);
    case 'PutObject':
      return putObject(request, bucket, settings);
    case 'DeleteObject':
      return deleteObject(request, bucket, settings);
    case 'CreateMultipartUpload':
      return createUpload(request, bucket, settings);
    case 'UploadPart':
      return putPart(request, bucket, settings);
    case 'ListParts':
      return listParts(request, bucket, settings);
    case 'CompleteMultipartUpload':
      return completeUpload(request, bucket, settings);
    case 'AbortMultipartUpload':
      return abortUpload(request, bucket, settings);
    case 'unknown':
      throw new Failure('NotImplemented');
    default:
      return request.operation satisfies never;
  }
}

/**
 * Reveals the region of a bucket elsewhere to a request for the endpoint's own region.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 * @throws Failure then
 */
function redirect(request: S3Request, region: string, { flavour, region: own }: Settings): void {
  if (flavour.signature.region === 'ignored' || region === own || findSignedRegion(request) !== own) return;
  const endpoint = `${request.bucket}.s3.${region}.amazonaws.com`;
  throw new Failure(
    'PermanentRedirect',
    [
      ['Endpoint', endpoint],
      ['Bucket', request.bucket],
    ],
    regionHeader(flavour, region),
  );
}

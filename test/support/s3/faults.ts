// Faults of requests to S3, as values: the vocabulary of test/support/faults/fault-actions.ts for answers, and what only
// a store that is written to can do.
import type { HeaderPair } from '../../../src/server/answers/answer.ts';
import type { FaultAction } from '../faults/fault-actions.ts';
import type { FaultMatch } from '../faults/fault-match.ts';
import type { ErrorCode } from './answer.ts';
import type { Operation, SeenS3Request } from './request.ts';

export type S3FaultAction = FaultAction | StoreFaultAction;

/** What only a store can do. */
export type StoreFaultAction =
  /** The connection is closed, or reset, once that many bytes of the request's body have arrived. Nothing is done. */
  | { readonly type: 'cutRequest' | 'resetRequest'; readonly afterBytes: number }
  /** No more of the request's body is read after that many bytes, and the connection stays open. */
  | { readonly type: 'stallRequest'; readonly afterBytes: number }
  /** One bit of the request's body arrives flipped. */
  | { readonly type: 'flipRequest'; readonly offset: number; readonly bit?: number }
  /** The store answers with this error. Nothing is done. */
  | {
      readonly type: 'error';
      readonly code: ErrorCode;
      readonly status?: number;
      readonly headers?: readonly HeaderPair[];
    }
  /** 200, and an error in the body, as completion and copies can answer. Nothing is done. */
  | { readonly type: 'errorInside'; readonly code: ErrorCode }
  /** 301, and the region that the bucket is said to be in. */
  | { readonly type: 'regionRedirect'; readonly region: string }
  /** Answered as if it had been done, but it was not. Of a part: one that `ListParts` does not show. */
  | { readonly type: 'lose' }
  /** Answered correctly, but what is kept differs by one bit, and has the ETag of that. */
  | { readonly type: 'rot'; readonly offset: number }
  /** The ETag that is kept and answered is not an MD5 of what was sent, as with SSE-KMS. */
  | { readonly type: 'opaqueETag' };

export interface S3FaultMatch extends FaultMatch<SeenS3Request> {
  readonly operation?: Operation;
  /** All of the key, or what is in it. */
  readonly key?: string | RegExp;
  /** The number of a part. */
  readonly part?: number;
}

export interface S3Fault {
  readonly on?: S3FaultMatch;
  /** Several are applied in their order. */
  readonly do: S3FaultAction | readonly S3FaultAction[];
  /**
   * Whether the store does what it is asked. Default: unless the answer is replaced. A completion whose answer is cut off is
   * done.
   */
  readonly isCarriedOut?: boolean;
}

/** The match in the form that the picker of all faults takes. */
export function toMatch({ operation, key, part, where, ...rest }: S3FaultMatch): FaultMatch<SeenS3Request> {
  return {
    ...rest,
    where: (request) =>
      (operation === undefined || operation === request.operation) &&
      (key === undefined || (typeof key === 'string' ? key === request.key : key.test(request.key))) &&
      (part === undefined || String(part) === request.query.get('partNumber')) &&
      (where === undefined || where(request)),
  };
}

const storeActions: Readonly<Record<StoreFaultAction['type'], true>> = {
  cutRequest: true,
  resetRequest: true,
  stallRequest: true,
  flipRequest: true,
  error: true,
  errorInside: true,
  regionRedirect: true,
  lose: true,
  rot: true,
  opaqueETag: true,
};

export function isStoreAction(action: S3FaultAction): action is StoreFaultAction {
  return Object.hasOwn(storeActions, action.type);
}

export function actionsOf({ do: actions }: S3Fault): readonly S3FaultAction[] {
  return 'type' in actions ? [actions] : actions;
}

/** Whether the store does what it is asked. */
export function isCarriedOut(fault: S3Fault): boolean {
  const replacing = ['error', 'errorInside', 'regionRedirect', 'lose', 'status', 'html', 'redirect'];
  return fault.isCarriedOut ?? !actionsOf(fault).some(({ type }) => replacing.includes(type));
}

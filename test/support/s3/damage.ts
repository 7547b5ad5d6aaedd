// What a fault does to an outcome: another answer, other changes, or none.
import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { applyAction, type Draft, flip } from '../faults/fault-actions.ts';
import { answerFailure, Failure, type Outcome, type S3Answer } from './answer.ts';
import { actionsOf, isCarriedOut, isStoreAction, type S3Fault, type StoreFaultAction } from './faults.ts';
import { disguise } from './objects.ts';
import type { S3Request } from './request.ts';
import type { Settings } from './settings.ts';
import { regionHeader } from './signature.ts';
import type { Change, Pieces } from './state.ts';

/** The outcome of a request that a fault hit, before it is written. */
export interface Damage {
  readonly draft: Draft;
  readonly changes: readonly Change[];
}

export function damage(outcome: Outcome, fault: S3Fault, request: S3Request, settings: Settings): Damage {
  let damaged: Damage = { draft: draftOf(outcome.answer), changes: outcome.changes };
  for (const action of actionsOf(fault)) {
    damaged = isStoreAction(action)
      ? applyStoreAction(damaged, action, request, settings)
      : { ...damaged, draft: applyAction(damaged.draft, action, request) };
  }
  return isCarriedOut(fault) ? damaged : { ...damaged, changes: [] };
}

function applyStoreAction(before: Damage, action: StoreFaultAction, request: S3Request, settings: Settings): Damage {
  const { draft, changes } = before;
  switch (action.type) {
    case 'error':
    case 'errorInside':
    case 'regionRedirect':
      return { draft: draftOf(answerFailure(settings.flavour, request, failureOf(action, settings))), changes };
    case 'rot':
      return { draft, changes: changes.map((change) => rot(change, action.offset)) };
    case 'opaqueETag':
      return { draft: disguiseAnswer(draft), changes: changes.map((change) => changeETag(change, disguise)) };
    // These faults affect the request, or only whether it is carried out.
    case 'lose':
    case 'cutRequest':
    case 'resetRequest':
    case 'stallRequest':
    case 'flipRequest':
      return before;
    default:
      return action satisfies never;
  }
}

function disguiseAnswer(draft: Draft): Draft {
  const headers = draft.headers.map(([name, value]) => {
    return [name, name === 'ETag' ? `"${disguise(value.slice(1, -1))}"` : value] as const;
  });
  return { ...draft, headers };
}

type ErrorAction = Extract<StoreFaultAction, { readonly type: 'error' | 'errorInside' | 'regionRedirect' }>;

function failureOf(action: ErrorAction, { flavour }: Settings): Failure {
  switch (action.type) {
    case 'error':
      return new Failure(action.code, [], action.headers, action.status);
    case 'errorInside':
      return new Failure(action.code, [], [], 200);
    case 'regionRedirect': {
      const endpoint = `s3.${action.region}.amazonaws.com`;
      return new Failure(
        'PermanentRedirect',
        [['Endpoint', endpoint]],
        regionHeader({ ...flavour, name: 'aws' }, action.region),
      );
    }
    default:
      return action satisfies never;
  }
}

function draftOf({ status, headers, body }: S3Answer): Draft {
  return {
    status,
    reason: STATUS_CODES[status] ?? 'Fault',
    headers,
    body: Buffer.concat(body),
    framing: 'length',
    ending: { how: 'fin', after: Infinity },
  };
}

/** What is kept, with one bit flipped and the ETag that results. */
function rot(change: Change, offset: number): Change {
  const alter = <Kept extends { readonly data: Pieces; readonly etag: string }>(kept: Kept): Kept => {
    const data = kept.data === null ? null : [flip(Buffer.concat(kept.data), offset, 0)];
    const etag = createHash('md5')
      .update(data?.[0] ?? `rotten ${kept.etag}`)
      .digest('hex');
    return { ...kept, data, etag };
  };
  if (change.type === 'putPart') return { ...change, part: alter(change.part) };
  return change.type === 'putObject' ? { ...change, object: alter(change.object) } : change;
}

function changeETag(change: Change, to: (etag: string) => string): Change {
  if (change.type === 'putPart') return { ...change, part: { ...change.part, etag: to(change.part.etag) } };
  if (change.type !== 'putObject') return change;
  return { ...change, object: { ...change.object, etag: to(change.object.etag) } };
}

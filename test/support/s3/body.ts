// The body of a request as it arrives: counted, digested, kept, and broken off where a fault says so.
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { flip } from '../faults/fault-actions.ts';
import type { S3FaultAction } from './faults.ts';
import type { ReceivedBody } from './request.ts';

export interface Receiving {
  readonly actions: readonly S3FaultAction[];
  /** Without it bodies of more than 64 KiB are dropped once they are digested. */
  readonly keepsData: boolean;
  readonly onBytes: (count: number) => void;
}

/** The part of a body that arrived before a fault ended it. */
export type BodyEnd = { readonly how: 'cutRequest' | 'resetRequest' | 'stallRequest' } | ReceivedBody;

const alwaysKept = 64 * 1024;

/** @throws what reading throws if the client goes away */
export async function receiveBody(
  message: IncomingMessage,
  { actions, keepsData, onBytes }: Receiving,
): Promise<BodyEnd> {
  const breaking = actions.find((action) => 'afterBytes' in action && action.type.endsWith('Request'));
  const limit = breaking !== undefined && 'afterBytes' in breaking ? (breaking.afterBytes ?? 0) : Infinity;
  const isSigned = /^[0-9a-f]{64}$/.test(String(message.headers['x-amz-content-sha256']));
  const [md5, sha256] = [createHash('md5'), createHash('sha256')];
  let chunks: Buffer[] = [];
  let size = 0;
  let keeps = true;
  if (size >= limit) return { how: endOf(breaking) };
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    const bytes = flipIn(chunk, size, actions);
    size += bytes.length;
    onBytes(bytes.length);
    if (size >= limit) return { how: endOf(breaking) };
    md5.update(bytes);
    if (isSigned) sha256.update(bytes);
    keeps = keepsData || size <= alwaysKept;
    if (keeps) chunks.push(bytes);
    else chunks = [];
  }
  return { data: keeps ? chunks : null, size, md5: md5.digest('hex'), sha256: sha256.digest('hex') };
}

function endOf(action: S3FaultAction | undefined): 'cutRequest' | 'resetRequest' | 'stallRequest' {
  return action?.type === 'resetRequest' || action?.type === 'stallRequest' ? action.type : 'cutRequest';
}

/** A chunk that begins at this byte of the body, as faults let it through. */
function flipIn(chunk: Buffer, start: number, actions: readonly S3FaultAction[]): Buffer {
  let bytes = chunk;
  for (const action of actions) {
    if (action.type !== 'flipRequest') continue;
    const at = action.offset - start;
    if (at >= 0 && at < chunk.length) bytes = flip(bytes, at, action.bit ?? 0);
  }
  return bytes;
}

// The data of an image as a working store sends it, and an answer through Node's own HTTP, which keeps connections.
import type { ServerResponse } from 'node:http';
import type { HeaderPair } from '../../../src/server/answers/answer.ts';
import type { Draft } from './fault-actions.ts';

/** How the end of a body is marked. */
export type Framing = Draft['framing'];

/** All of it, or the requested range. @param range the header, if there is one and ranges work */
export function draftData(data: Buffer, range: string | undefined, framing: Framing = 'length'): Draft {
  const asked = /^bytes=(\d+)-(\d*)$/.exec(range ?? '');
  const start = asked === null ? 0 : Number(asked[1]);
  const end = asked?.[2] === undefined || asked[2] === '' ? data.length : Math.min(data.length, Number(asked[2]) + 1);
  const common = { framing, ending: { how: 'fin', after: Infinity } } as const;
  const total = String(data.length);
  if (asked !== null && start >= data.length) {
    const headers: readonly HeaderPair[] = [['Content-Range', `bytes */${total}`]];
    return { ...common, status: 416, reason: 'Range Not Satisfiable', headers, body: Buffer.alloc(0) };
  }
  const length: HeaderPair = ['Content-Length', String(end - start)];
  const headers: readonly HeaderPair[] = [
    ['Content-Type', 'application/octet-stream'],
    ...(framing === 'length' ? [length] : []),
    ...(asked === null ? [] : ([['Content-Range', `bytes ${String(start)}-${String(end - 1)}/${total}`]] as const)),
  ];
  const [status, reason] = asked === null ? [200, 'OK'] : [206, 'Partial Content'];
  return { ...common, status, reason, headers, body: data.subarray(start, end) };
}

/** Sends it. An ending past the body is ignored, except for a stall. */
export function respond(response: ServerResponse, draft: Draft): void {
  const { how, after } = draft.ending;
  if (after === null) {
    if (how === 'reset') response.socket?.resetAndDestroy();
    else if (how === 'fin') response.socket?.destroy();
    return;
  }
  if (draft.framing === 'close') {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  }
  response.writeHead(draft.status, draft.reason, draft.headers.flat());
  const body = draft.body.subarray(0, after);
  if (how === 'stall') response.write(body);
  else if (after >= draft.body.length || (how === 'fin' && draft.framing === 'close')) response.end(body);
  else {
    response.write(body, () => {
      if (how === 'reset') response.socket?.resetAndDestroy();
      else response.socket?.end();
    });
  }
}

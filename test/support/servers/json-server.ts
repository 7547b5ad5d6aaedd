// A server that answers with given JSON: for Glances that are older, odder or more broken than ours.
import { answer, type RawServer, rawServer } from './raw-server.ts';

/** The answer; a string is sent unchanged, anything else as JSON. */
export interface JsonAnswer {
  /** As `404 Not Found`. Absent: 200. */
  readonly status?: string;
  readonly body?: unknown;
  readonly headers?: readonly string[];
}

/** Starts one for the running test. If the answer is null, the status is 404. */
export async function jsonServer(respond: (url: URL, method: string) => JsonAnswer | null): Promise<RawServer> {
  return await rawServer(({ target, method }, socket) => {
    const {
      status = '200 OK',
      body = {},
      headers = [],
    } = respond(new URL(target, 'http://server'), method) ?? {
      status: '404 Not Found',
    };
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const type = headers.some((line) => /^content-type:/i.test(line)) ? [] : ['Content-Type: application/json'];
    socket.write(answer(status, text, ...type, ...headers));
  });
}

/** The versions of a Glance, as `GET /` lists them. */
export function versionList(...ids: readonly string[]): JsonAnswer {
  return {
    status: '300 Multiple Choices',
    body: { versions: ids.map((id) => ({ id, status: 'CURRENT', links: [] })) },
  };
}

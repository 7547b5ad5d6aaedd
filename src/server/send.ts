// One answer onto one connection: head, then bytes as fast as the client takes them, or a destroyed connection.
import type { ServerResponse } from 'node:http';
import type { Answer, DataBody } from './answer.ts';
import { renderFailure } from './failure.ts';
import { errnoOf } from './io-error.ts';

/** Takes the number of bytes of body each time some are handed to the connection. */
export type CountBytes = (bytes: number) => void;

/**
 * Sends an answer. Data that cannot be opened becomes a 404 or 500; once the head is out, data that fails, ends early or goes
 * on too long destroys the connection, so that a client never takes a wrong body for a whole one.
 * @returns when everything is handed over; never rejects
 */
export async function sendAnswer(answer: Answer, response: ServerResponse, count: CountBytes): Promise<void> {
  if (answer.body === null || typeof answer.body === 'string') {
    sendText(answer, response, count);
    return;
  }
  const { data, start, end } = answer.body;
  if (start === end) {
    sendText({ ...answer, body: null }, response, count);
    return;
  }
  const chunks = data.open(start, end)[Symbol.asyncIterator]();
  try {
    await sendData(answer, answer.body, chunks, response, count);
  } catch {
    response.destroy();
  } finally {
    await chunks.return?.();
  }
}

function sendText(answer: Answer, response: ServerResponse, count: CountBytes): void {
  const body = typeof answer.body === 'string' ? answer.body : '';
  writeHead(answer, response);
  count(Buffer.byteLength(body));
  response.end(body);
}

async function sendData(
  answer: Answer,
  body: DataBody,
  chunks: AsyncIterator<Uint8Array>,
  response: ServerResponse,
  count: CountBytes,
): Promise<void> {
  const first = await readFirst(chunks);
  if ('failure' in first) {
    const { accept } = response.req.headers;
    sendText(renderFailure(first.failure, { api: 1, method: 'GET', accept }), response, count);
    return;
  }
  writeHead(answer, response);
  await sendChunks(first.result, chunks, body.end - body.start, makeWriter(response, count));
  response.end();
}

/** The head is only written once there is something to follow it. */
async function readFirst(
  chunks: AsyncIterator<Uint8Array>,
): Promise<{ readonly result: IteratorResult<Uint8Array> } | { readonly failure: { readonly status: number } }> {
  try {
    return { result: await chunks.next() };
  } catch (error) {
    return { failure: { status: errnoOf(error) === 'ENOENT' ? 404 : 500 } };
  }
}

type Write = (chunk: Uint8Array) => Promise<void>;

/**
 * Sends exactly as many bytes as were announced, or fails. The next chunk is read while one is on its way, no more: each is
 * memory that is filled again.
 */
async function sendChunks(
  first: IteratorResult<Uint8Array>,
  chunks: AsyncIterator<Uint8Array>,
  announced: number,
  write: Write,
): Promise<void> {
  let sent = 0;
  let next = first;
  while (next.done !== true) {
    sent += next.value.length;
    if (sent > announced) throw new Error(`the data goes on after ${String(announced)} bytes`);
    // oxlint-disable-next-line no-await-in-loop -- a body is sent in order
    [next] = await Promise.all([chunks.next(), write(next.value)]);
  }
  if (sent < announced) throw new Error(`the data ends after ${String(sent)} of ${String(announced)} bytes`);
}

/** Resolves once the system has taken a chunk; rejects once the client is gone. */
function makeWriter(response: ServerResponse, count: CountBytes): Write {
  let fail: (error: Error) => void = () => undefined;
  response.once('close', () => fail(new Error('the client is gone')));
  return (chunk) =>
    new Promise((resolve, reject) => {
      fail = reject;
      if (response.destroyed) {
        reject(new Error('the client is gone'));
        return;
      }
      response.write(chunk, (error) => {
        if (error) reject(error);
        else resolve();
      });
      count(chunk.length);
    });
}

function writeHead(answer: Answer, response: ServerResponse): void {
  response.writeHead(answer.status, answer.statusText, answer.headers.flat());
}

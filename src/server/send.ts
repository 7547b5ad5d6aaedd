// One answer onto one connection: head, then bytes as fast as the client takes them, or a destroyed connection.
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  const source = data.open(start, end);
  try {
    await sendData(answer, answer.body, source, response, count);
  } catch {
    response.destroy();
  } finally {
    source.destroy();
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
  source: Readable,
  response: ServerResponse,
  count: CountBytes,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const first = await readFirst(chunks);
  if ('failure' in first) {
    sendText(
      renderFailure(first.failure, { api: 1, method: 'GET', accept: response.req.headers.accept }),
      response,
      count,
    );
    return;
  }
  writeHead(answer, response);
  await pipeline(limit(first.result, chunks, body.end - body.start, count), response);
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

/** Passes on exactly as many bytes as were announced, or fails. */
async function* limit(
  first: IteratorResult<Uint8Array>,
  chunks: AsyncIterator<Uint8Array>,
  announced: number,
  count: CountBytes,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  let next = first;
  while (next.done !== true) {
    sent += next.value.length;
    if (sent > announced) throw new Error(`the data goes on after ${String(announced)} bytes`);
    count(next.value.length);
    yield next.value;
    // oxlint-disable-next-line no-await-in-loop -- a stream is read in order
    next = await chunks.next();
  }
  if (sent < announced) throw new Error(`the data ends after ${String(sent)} of ${String(announced)} bytes`);
}

function writeHead(answer: Answer, response: ServerResponse): void {
  response.writeHead(answer.status, answer.statusText, answer.headers.flat());
}

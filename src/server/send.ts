// Sends one answer over one connection: the head, then bytes as fast as the client takes them, or destroys the
// connection.
import type { ServerResponse } from 'node:http';
import { GlanceError } from '../errors.ts';
import { countOf } from '../text/count.ts';
import type { Answer, DataBody, TextBody } from './answers/answer.ts';
import { errnoOf } from '../local/errno.ts';

/** Characters of a list to gather before they are handed to the connection. */
const gatheredCharacters = 64 * 1024;

/** What the sender of an answer reports and requests. */
interface Sending {
  /** Called whenever bytes of the body are handed to the connection, with their number. */
  readonly count: (bytes: number) => void;
  /** Creates the answer, without data, to a request that failed before anything was sent. */
  readonly refuse: (status: 404 | 500 | 503) => Answer;
  /** Called with failures on this side. A client that has gone is not one. */
  readonly report: (error: unknown) => void;
}

/** The client has gone, so that nobody takes the answer. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/**
 * Sends an answer. A failure before the head is sent becomes a 404, 500 or 503. After that, a body that fails, ends
 * early or is too long destroys the connection, so that no client takes a wrong body for a complete one.
 * @returns when everything is handed over; never rejects
 */
export async function sendAnswer(answer: Answer, response: ServerResponse, sending: Sending): Promise<void> {
  try {
    await send(answer, response, sending);
  } catch (error) {
    if (!(error instanceof ClientGone)) sending.report(error);
    if (response.headersSent || response.destroyed) response.destroy();
    else refuse(error, response, sending);
  }
}

function refuse(error: unknown, response: ServerResponse, sending: Sending): void {
  try {
    sendText(sending.refuse(statusOf(error)), response, sending);
  } catch (failure) {
    sending.report(failure);
    response.destroy();
  }
}

/** A store that may be back later is not an error of this server. */
function statusOf(error: unknown): 404 | 500 | 503 {
  if (error instanceof GlanceError && error.code.startsWith('place.')) return 503;
  return errnoOf(error) === 'ENOENT' ? 404 : 500;
}

async function send(answer: Answer, response: ServerResponse, sending: Sending): Promise<void> {
  const { body } = answer;
  if (body === null || typeof body === 'string') sendText(answer, response, sending);
  else if ('pieces' in body) await sendPieces(answer, body, response, sending);
  else if (body.start === body.end) sendText({ ...answer, body: null }, response, sending);
  else await sendData(answer, body, response, sending);
}

function sendText(answer: Answer, response: ServerResponse, { count }: Sending): void {
  const body = typeof answer.body === 'string' ? answer.body : '';
  writeHead(answer, response);
  count(Buffer.byteLength(body));
  response.end(body);
}

/** Creates no more than the client takes, and lets other requests proceed meanwhile. */
async function sendPieces(
  answer: Answer,
  { pieces }: TextBody,
  response: ServerResponse,
  sending: Sending,
): Promise<void> {
  const write = makeWriter(response, sending.count);
  let text = '';
  for (const piece of pieces) {
    text += piece;
    if (text.length < gatheredCharacters) continue;
    if (!response.headersSent) writeHead(answer, response);
    await write(Buffer.from(text));
    // A write that succeeds at once would leave no time for others.
    await new Promise((resolve) => void setImmediate(resolve));
    text = '';
  }
  if (!response.headersSent) writeHead(answer, response);
  if (text !== '') await write(Buffer.from(text));
  response.end();
}

async function sendData(answer: Answer, body: DataBody, response: ServerResponse, sending: Sending): Promise<void> {
  const { data, start, end } = body;
  const hangUp = new AbortController();
  response.once('close', () => hangUp.abort(new ClientGone('the client is gone')));
  const chunks = data.open(start, end, hangUp.signal)[Symbol.asyncIterator]();
  try {
    // The head is written only once there is data to follow it.
    const first = await chunks.next();
    writeHead(answer, response);
    await sendChunks(first, chunks, end - start, makeWriter(response, sending.count));
    response.end();
  } finally {
    await chunks.return?.();
  }
}

type Write = (chunk: Uint8Array) => Promise<void>;

/**
 * Sends exactly as many bytes as were announced, or fails. Reads only one chunk ahead while one is being sent, since
 * the memory of chunks is reused.
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
    if (sent > announced) throw new Error(`the data continues after ${countOf(announced, 'byte')}`);
    [next] = await Promise.all([chunks.next(), write(next.value)]);
  }
  if (sent < announced) throw new Error(`the data ends after ${String(sent)} of ${countOf(announced, 'byte')}`);
}

/** Resolves once the system has taken a chunk; rejects once the client is gone. */
function makeWriter(response: ServerResponse, count: Sending['count']): Write {
  let fail: (error: Error) => void = () => undefined;
  response.once('close', () => fail(new ClientGone('the client is gone')));
  return (chunk) =>
    new Promise((resolve, reject) => {
      fail = reject;
      if (response.destroyed) {
        reject(new ClientGone('the client is gone'));
        return;
      }
      response.write(chunk, (error) => {
        if (error) reject(new ClientGone('the client is gone', { cause: error }));
        else resolve();
      });
      count(chunk.length);
    });
}

function writeHead(answer: Answer, response: ServerResponse): void {
  response.writeHead(answer.status, answer.statusText, answer.headers.flat());
}

// One answer onto one connection: head, then bytes as fast as the client takes them, or a destroyed connection.
import type { ServerResponse } from 'node:http';
import { GlanceError } from '../errors.ts';
import { countOf } from '../text/count.ts';
import type { Answer, DataBody, TextBody } from './answers/answer.ts';
import { errnoOf } from '../local/errno.ts';

/** What of a list is gathered before it is handed to the connection. */
const gatheredCharacters = 64 * 1024;

/** What the sender of an answer is told, and asked. */
export interface Sending {
  /** Takes the number of bytes of body each time some are handed to the connection. */
  readonly count: (bytes: number) => void;
  /** The answer, without data, to a request that failed before anything of its answer was sent. */
  readonly refuse: (status: 404 | 500 | 503) => Answer;
  /** Takes what went wrong on this side. A client that has gone is no failure. */
  readonly report: (error: unknown) => void;
}

/** Nobody is there to take an answer. */
class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

/**
 * Sends an answer. What fails before the head is out becomes a 404, 500 or 503; once it is out, a body that fails, ends early or goes
 * on too long destroys the connection, so that a client never takes a wrong body for a whole one.
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

/** What may be there again later is no error of this server's. */
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

/** Makes no more than the client takes, and lets others have their turn meanwhile. */
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
    // What is written at once would leave no time for anybody else.
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
    // The head is only written once there is something to follow it.
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

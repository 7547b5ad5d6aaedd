// Reads the text of an answer, up to a limit.
import type { HttpAnswer } from './request.ts';
import { type ErrorFacts, GlanceError } from '../errors.ts';

export async function readText(answer: HttpAnswer, maxBytes: number, facts: ErrorFacts): Promise<string> {
  const tooLong = (): GlanceError =>
    new GlanceError(
      'json.invalid',
      `${answer.url.host} sent more than ${String(maxBytes)} bytes where a list was asked for`,
      facts,
    );
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer.body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks, length);
  const encoding = answer.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return bytes.toString('utf8');
  if (encoding !== 'gzip') {
    throw new GlanceError(
      'http.encoding',
      `${answer.url.host} sent its answer in ${encoding}, which was not asked for`,
      facts,
    );
  }
  const [{ promisify }, { gunzip }] = await Promise.all([import('node:util'), import('node:zlib')]);
  try {
    return (await promisify(gunzip)(bytes, { maxOutputLength: maxBytes })).toString('utf8');
  } catch (cause) {
    throw new GlanceError('http.encoding', `${answer.url.host} sent an answer that cannot be unpacked`, {
      ...facts,
      cause,
    });
  }
}

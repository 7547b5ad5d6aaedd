// The object store: what is sent to it, and the bucket of the fleet.
import { createServer, request as ask } from 'node:http';
import { AwsClient } from 'aws4fetch';

/**
 * A proxy before the store at AWS_ENDPOINT_URL_S3. Requests are signed for the proxy's address, which the store does not check.
 * @param {() => void} onPart called for each part that is sent to the store
 */
export const createStoreProxy = (onPart) =>
  createServer((request, response) => {
    if (request.method === 'PUT' && request.url?.includes('partNumber=') === true) onPart();
    const passed = ask(new URL(request.url ?? '/', process.env['AWS_ENDPOINT_URL_S3']), {
      method: request.method,
      headers: request.headers,
    });
    passed.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.on('close', () => passed.destroy());
    request.pipe(passed);
  });

/**
 * A bucket that is there once `create` has been called.
 * @param {string} name
 * @param {Record<string, string | undefined> & { AWS_ENDPOINT_URL_S3: string }} env
 */
export function openBucket(name, env) {
  const { AWS_ENDPOINT_URL_S3: endpoint, AWS_ACCESS_KEY_ID: accessKeyId = '' } = env;
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey = '', AWS_REGION: region = 'us-east-1' } = env;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region });

  /**
   * @param {string} method
   * @param {string} path in the bucket, with its query.
   * @throws Error for any answer but success
   */
  async function send(method, path) {
    const answer = await client.fetch(`${endpoint}/${name}${path}`, { method });
    if (!answer.ok) throw new Error(`the store answered ${answer.status} to ${method} ${path}`);
    return await answer.text();
  }

  /** Removes what a round left, since a store in memory cannot hold an hour of them. */
  async function empty() {
    const listed = await send('GET', '?list-type=2');
    for (const [, key] of listed.matchAll(/<Key>([^<]+)</g)) await send('DELETE', `/${key}`);
  }

  return { create: () => send('PUT', ''), empty };
}

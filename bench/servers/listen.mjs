// Servers of the benches, on loopback.
import { once } from 'node:events';

/**
 * @param {import('node:net').Server} server
 * @returns {Promise<number>} the port, which the system chooses
 */
export async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return address.port;
}

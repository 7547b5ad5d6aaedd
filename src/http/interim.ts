// Interim answers. undici reads past those of 102 and above, but hangs up at a 100 that it did not ask for, which servers and
// gateways send all the same, and which has to be read past like the others (RFC 9110 §15.2).
import type { Socket } from 'node:net';
import symbols from 'undici/lib/core/symbols.js';

/** What undici's parser is told once the header lines of an answer are whole. */
interface Parser {
  onHeadersComplete(status: number, isUpgrade: boolean, shouldKeepAlive: boolean): number;
}

const parserOf = symbols.kParser;

/** Has undici treat a 100 as it does a 102, on this connection. To be called once a connection, when it is undici's. */
export function readPastContinue(socket: Socket): void {
  const parser = (socket as Socket & { [parserOf]?: Parser | null })[parserOf];
  if (parser === undefined || parser === null) return;
  const onHeadersComplete = parser.onHeadersComplete.bind(parser);
  parser.onHeadersComplete = (status, isUpgrade, shouldKeepAlive) =>
    onHeadersComplete(status === 100 ? 102 : status, isUpgrade, shouldKeepAlive);
}

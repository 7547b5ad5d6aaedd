// Interim answers. undici skips those of 102 and above, but hangs up at a 100 that it did not ask for. Servers and
// gateways send such answers anyway, and they must be skipped like the others (RFC 9110 §15.2).
import type { Socket } from 'node:net';
import symbols from 'undici/lib/core/symbols.js';

/** The part of undici's parser that handles complete header lines. */
interface Parser {
  onHeadersComplete(status: number, isUpgrade: boolean, shouldKeepAlive: boolean): number;
}

const parserOf = symbols.kParser;

/** Makes undici treat a 100 like a 102 on this connection. Call once per connection, when undici owns it. */
export function readPastContinue(socket: Socket): void {
  const parser = (socket as Socket & { [parserOf]?: Parser | null })[parserOf];
  if (parser === undefined || parser === null) return;
  const onHeadersComplete = parser.onHeadersComplete.bind(parser);
  parser.onHeadersComplete = (status, isUpgrade, shouldKeepAlive) =>
    onHeadersComplete(status === 100 ? 102 : status, isUpgrade, shouldKeepAlive);
}

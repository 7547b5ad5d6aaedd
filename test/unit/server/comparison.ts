// An answer of ours beside the one that a real server gave, each as text.
import type { Answer } from '../../../src/server/answers/answer.ts';
import { readBody } from '../../support/images.ts';
import type { RecordedExchange } from '../../support/recorded.ts';

export interface Comparison {
  readonly status: string;
  readonly headers: readonly string[];
  readonly body: string;
}

type HeaderPairs = readonly (readonly [name: string, value: string])[];

/**
 * @param comparable the headers that have to be the same, for an answer of that status
 * @param bodyBytes how many bytes of our body are compared
 */
export async function compareAnswer(
  answer: Answer,
  exchange: RecordedExchange,
  comparable: (headers: HeaderPairs, status: number) => readonly string[],
  bodyBytes = Number.POSITIVE_INFINITY,
): Promise<{ ours: Comparison; recorded: Comparison }> {
  const body = await readBody(answer.body);
  const pairs = exchange.headers.map(({ name, value }) => [name.toString('latin1'), value.toString('latin1')] as const);
  return {
    ours: {
      status: `${String(answer.status)} ${answer.statusText}`,
      headers: comparable(answer.headers, answer.status),
      body: body.subarray(0, bodyBytes).toString('latin1'),
    },
    recorded: {
      status: `${String(exchange.status)} ${exchange.reason}`,
      headers: comparable(pairs, exchange.status),
      body: exchange.body.toString('latin1'),
    },
  };
}

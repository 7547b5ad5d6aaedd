// Asks the pure handler, and takes its answer apart.
import type { Answer, HandlerOptions } from '../../../src/server/answers/answer.ts';
import { type CatalogImage, makeCatalog } from '../../../src/server/images/catalog.ts';
import { answerRequest, defaultHandlerOptions } from '../../../src/server/handler.ts';

export interface Asked {
  readonly answer: Answer;
  readonly status: number;
  /** By name as sent. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text of the body; empty for none, and for data. */
  readonly text: string;
}

/** A request by method and target, as `GET /v1/images`, with headers by lower-case name. */
export function ask(
  images: readonly CatalogImage[],
  line: string,
  headers: Readonly<Record<string, string>> = {},
  options: Partial<HandlerOptions> = {},
): Asked {
  const [method = '', target = ''] = line.split(' ');
  const request = { method, target, headers: new Map(Object.entries({ host: 'glance:9292', ...headers })) };
  const answer = answerRequest(request, makeCatalog(images), { ...defaultHandlerOptions, ...options });
  const text = typeof answer.body === 'string' ? answer.body : '';
  return { answer, status: answer.status, headers: Object.fromEntries(answer.headers), text };
}

/** The ids of a list, in its order. */
export function idsOf({ text }: Asked): readonly string[] {
  return (JSON.parse(text) as { images: { id: string }[] }).images.map(({ id }) => id);
}

import { GlanceError } from '../../errors.ts';
import { type Column, renderList } from '../../output/render.ts';
import type { Context } from '../context.ts';
import {
  checkEndpoint,
  checkList,
  checkRange,
  checkTls,
  describeEndpoint,
  describeSettings,
  type Finding,
  findingKeys,
} from '../doctor.ts';

const columns: readonly Column[] = [
  { key: 'check', label: 'Check', priority: 1 },
  {
    key: 'status',
    label: 'Status',
    priority: 2,
    paint: (text, value, style) =>
      (value === 'ok' ? style.green : value === 'warning' ? style.yellow : style.red)(text),
  },
  { key: 'detail', label: 'Detail', priority: 1 },
];

/** `doctor`: which settings come from where, what answers, and how well. */
export async function doctor(context: Context): Promise<void> {
  let failure: unknown = null;
  async function* pages(): AsyncGenerator<readonly Finding[]> {
    try {
      for await (const findings of examine(context)) yield findings;
    } catch (error) {
      if (!(error instanceof GlanceError)) throw error;
      failure = error;
    }
  }
  await context.print(
    renderList({
      pages: pages(),
      columns,
      keys: findingKeys,
      ...(await context.resultOptions()),
      width: null,
    }),
  );
  if (failure !== null) throw failure;
}

async function* examine({ runtime, session }: Context): AsyncGenerator<readonly Finding[]> {
  const cloud = await session.cloud();
  if (cloud !== null) yield describeSettings(cloud);
  const service = await session.service();
  const client = await session.client();
  yield [describeEndpoint(service)];
  yield [await checkTls(service.endpoint, await session.tls())];
  yield await checkEndpoint(client, service, runtime.signal);
  const { finding, sample } = await checkList(service, runtime.signal);
  yield [finding];
  if (sample !== null) yield [await checkRange(client, service, sample, await session.credentials(), runtime.signal)];
}

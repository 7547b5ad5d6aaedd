import { GlanceError } from '../../../errors.ts';
import { type Column, renderList } from '../../../output/render.ts';
import type { ImageService } from '../../../image/service.ts';
import type { Context } from '../../context.ts';
import type { Runtime } from '../../runtime.ts';
import type { Connection } from '../../../client/connection.ts';
import {
  checkEndpoint,
  checkList,
  checkRange,
  checkTls,
  describeEndpoint,
  describeSettings,
  type Finding,
  findingKeys,
  runCheck,
} from '../../../client/doctor.ts';

const columns: readonly Column[] = [
  { key: 'check', label: 'Check', priority: 1, whole: true },
  {
    key: 'status',
    label: 'Status',
    priority: 1,
    whole: true,
    paint: (text, value, style) =>
      (value === 'ok' ? style.green : value === 'warning' ? style.yellow : style.red)(text),
  },
  { key: 'detail', label: 'Detail', priority: 1, wraps: true },
];

/** `doctor`: which settings come from where, what answers, and how well. */
export async function doctor(context: Context): Promise<void> {
  let failure: GlanceError | null = null;
  async function* pages(): AsyncGenerator<readonly Finding[]> {
    for await (const findings of examine(context)) {
      failure ??= findings.find((finding) => finding.failure !== undefined)?.failure ?? null;
      yield findings.map(({ check, status, detail }) => ({ check, status, detail }));
    }
  }
  await context.print(
    renderList({
      pages: pages(),
      columns,
      keys: findingKeys,
      ...(await context.resultOptions()),
    }),
  );
  if (failure !== null) throw withoutReference(failure);
}

/** Elsewhere hints lead here. */
function withoutReference(error: GlanceError): GlanceError {
  const hint = error.facts.hint?.split(' glance-cli doctor shows ', 1)[0]?.replace(/;$/, '');
  return new GlanceError(error.code, error.message, { ...error.facts, hint, cause: error });
}

async function* examine({ runtime, connection }: Context): AsyncGenerator<readonly Finding[]> {
  const cloud = await connection.cloud();
  if (cloud !== null) yield describeSettings(cloud);
  const found: { service?: ImageService } = {};
  const opened = await runCheck('connection', async () => {
    found.service = await connection.service();
    return { status: 'ok', detail: '' };
  });
  if (found.service === undefined) yield [opened];
  else yield* examineService(runtime, connection, found.service);
}

async function* examineService(
  runtime: Runtime,
  connection: Connection,
  service: ImageService,
): AsyncGenerator<readonly Finding[]> {
  const client = await connection.client();
  const { offered, findings } = await checkEndpoint(client, service, runtime.signal);
  yield [describeEndpoint(service, offered)];
  yield [await checkTls(service.endpoint, await connection.tls())];
  yield findings;
  const { finding, sample } = await checkList(service, runtime.signal);
  yield [finding];
  if (sample !== null)
    yield [await checkRange(client, service, sample, await connection.credentials(), runtime.signal)];
}

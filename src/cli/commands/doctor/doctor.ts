import { examine, type Finding, findingKeys } from '../../../client/doctor.ts';
import { GlanceError } from '../../../errors.ts';
import { type Column, renderList } from '../../../output/render.ts';
import type { Context } from '../../context.ts';

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
    for await (const { check, status, detail, failure: found } of examine(context.connection)) {
      failure ??= found ?? null;
      yield [{ check, status, detail }];
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
  const hint = error.facts.hint?.split(/[;:]? ?(?:see its project and role with )?glance-cli doctor\b/, 1)[0];
  return new GlanceError(error.code, error.message, { ...error.facts, hint, cause: error });
}

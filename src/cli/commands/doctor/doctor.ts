import { examine } from '../../../client/doctor/examine.ts';
import { type Finding, findingKeys } from '../../../client/doctor/finding.ts';
import { GlanceError } from '../../../errors.ts';
import { type Column, renderList } from '../../../output/render.ts';
import { completeCommands } from '../../console/given-flags.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import { nativeFormat } from '../../options/options.ts';

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

/** `doctor`: which settings come from where, what answers, how well, and what to do first. */
export async function doctor(context: Context): Promise<void> {
  const isTable = nativeFormat(context.options) === 'table';
  let failure: GlanceError | null = null;
  let step: string | undefined;
  async function* pages(): AsyncGenerator<readonly Finding[]> {
    for await (const { check, status, detail: found, failure: cause } of examine(context.connection)) {
      failure ??= cause ?? null;
      const detail = check === 'next' ? completeCommands(found, context.connection) : found;
      if (check === 'next') step = detail;
      // People see it below the error, which comes last.
      if (check !== 'next' || failure === null || !isTable) yield [{ check, status, detail: withOptions(detail) }];
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
  if (failure !== null) throw (failure as GlanceError).facts.steps === undefined ? withHint(failure, step) : failure;
}

function withHint(error: GlanceError, hint: string | undefined): GlanceError {
  return new GlanceError(error.code, error.message, { ...error.facts, hint, cause: error });
}

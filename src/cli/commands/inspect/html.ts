// `inspect --html`: reports as a page, beside what is printed.
import type { Report } from '../../../client/inspect/report.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';

/** Takes reports as they come, and writes the page once all are there. */
export interface PageWriter {
  readonly add: (report: Report) => void;
  readonly write: () => Promise<void>;
}

/** Writes nothing. */
const noPage: PageWriter = { add: () => undefined, write: () => Promise.resolve() };

/** The page that is asked for, whose place is looked at before anything is inspected. @throws GlanceError `io.*` */
export async function openPage(context: Context, { html }: InspectOptions): Promise<PageWriter> {
  if (html === undefined) return noPage;
  const [{ AuditPage }, { findPagePlace, writePage }] = await Promise.all([
    import('../../../pages/audit-page.ts'),
    import('../../../client/inspect/page-file.ts'),
  ]);
  const place = await findPagePlace(context.runtime.cwd, html);
  const madeAt = new Date(context.runtime.clock.wallTime()).toISOString().replace(/\.\d+Z$/, 'Z');
  const page = new AuditPage({ madeAt, wordAdvice: withOptions });
  return {
    add: (report) => page.add(report),
    write: async () => {
      await writePage(place, page);
      context.note(`${html}: written`);
    },
  };
}

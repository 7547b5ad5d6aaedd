// `inspect --html`: writes reports as a page, in addition to printing them.
import type { Report } from '../../../client/inspect/report.ts';
import { withOptions } from '../../console/option-names.ts';
import type { Context } from '../../context.ts';
import type { InspectOptions } from '../../options/image-options.ts';

/** Collects reports, and writes the page at the end. */
interface PageWriter {
  readonly add: (report: Report) => void;
  readonly write: () => Promise<void>;
}

/** Writes nothing. */
const noPage: PageWriter = { add: () => undefined, write: () => Promise.resolve() };

/** Creates the requested page, and checks its place before anything is inspected. @throws GlanceError `io.*` */
export async function openPage(context: Context, { html }: InspectOptions): Promise<PageWriter> {
  if (html === undefined) return noPage;
  const [{ AuditPage }, { findReportPlace, writeReportFile }] = await Promise.all([
    import('../../../pages/audit-page.ts'),
    import('../../../client/inspect/report-file.ts'),
  ]);
  const place = await findReportPlace(context.runtime.cwd, html);
  const madeAt = new Date(context.runtime.clock.wallTime()).toISOString().replace(/\.\d+Z$/, 'Z');
  const page = new AuditPage({ madeAt, wordAdvice: withOptions });
  return {
    add: (report) => page.add(report),
    write: async () => {
      await writeReportFile(place, page.render());
      context.note(`${html}: written`);
    },
  };
}

// The pages of a place, and the inspections that they show.
import { basename } from 'node:path';
import type { Connection } from '../../client/connection.ts';
import type { PlaceName } from '../../client/places/place-name.ts';
import type { AnswerPage } from '../answers/answer.ts';
import { defaultHandlerOptions } from '../handler.ts';
import type { OpenCatalog } from './open-catalog.ts';

/** Pages, until they are closed. */
interface OpenPages {
  readonly answer: AnswerPage;
  /** Stops inspecting, and keeps what was found. */
  readonly close: () => Promise<void>;
}

/**
 * The pages for browsers. From now on, images are inspected for them.
 * @param wordAdvice rewords advice for the reader
 */
export async function openPages(
  connection: Connection,
  { kind, name }: PlaceName,
  { catalog, digested }: OpenCatalog,
  wordAdvice: (advice: string) => string,
): Promise<OpenPages> {
  const [{ ServedInspections }, { ReportStore }, { answerPages }] = await Promise.all([
    import('../inspections/inspections.ts'),
    import('../inspections/report-store.ts'),
    import('../pages/catalog-pages.ts'),
  ]);
  const { clock } = connection.system;
  const isLocal = kind === 'directory';
  // In a bucket, contents are left out, since they take many requests for each image.
  const store = isLocal ? await ReportStore.open(name, (message) => connection.warn(message)) : null;
  const inspections = new ServedInspections({ catalog, clock, contents: isLocal, store });
  inspections.follow();
  void digested().then(() => inspections.follow());
  const title = isLocal ? basename(name) : name;
  const { view } = defaultHandlerOptions;
  const answer = answerPages({ catalog, inspections, view, title, wordAdvice });
  return { answer, close: () => inspections.close() };
}

// A server with interesting images that runs as long as a file of tests.
import { gunzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDemoImages } from '../../examples/demo/catalog.ts';
import { writeQcow2 } from '../../examples/demo/images/qcow2.ts';
import { withOptions } from '../../src/cli/console/option-names.ts';
import { systemClock } from '../../src/clock.ts';
import { startServer } from '../../src/server/app.ts';
import { memoryBytes } from '../../src/server/answers/image-bytes.ts';
import { type CatalogImage, makeCatalog } from '../../src/server/images/catalog.ts';
import { ServedInspections } from '../../src/server/inspections/inspections.ts';
import { answerPages } from '../../src/server/pages/catalog-pages.ts';
import { makeEntry, makeImage } from '../support/images.ts';

export interface Site {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Serves them after inspecting each. */
export async function serveImages(entries: readonly CatalogImage[]): Promise<Site> {
  const catalog = makeCatalog(entries);
  const inspections = new ServedInspections({ catalog, clock: systemClock, contents: true, store: null });
  inspections.follow();
  await inspections.settled();
  const pages = answerPages({ catalog, inspections, view: 'everything', title: 'images', wordAdvice: withOptions });
  const server = await startServer({ catalog, port: 0, pages });
  return {
    url: server.url.href,
    close: async () => {
      await server.close();
      await inspections.close();
    },
  };
}

const guest = gunzipSync(readFileSync(join(import.meta.dirname, '../fixtures/disk/guest.qcow2.gz')));
const unsafe = writeQcow2({ size: 2 ** 23, pieces: [] }, { backingFile: '/etc/passwd', backingFormat: 'raw' });

/** What a browser would make of a name that is not escaped. */
export const hostileNames: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title></style></script><svg onload=alert(1)>',
  'javascript:alert(1)',
  '\u202egnp.exe',
  'a'.repeat(255),
  '{{7*7}} ${7*7}',
];

/** Those of the demo, a guest, an unsafe one, and malicious names. */
export function makeImages(): readonly CatalogImage[] {
  return [
    ...makeDemoImages().map(({ image, data }) => ({ image, data: memoryBytes(data), members: [] })),
    makeEntry(guest, { id: 'guest', name: 'Guest', disk_format: 'qcow2' }),
    makeEntry(unsafe, { id: 'unsafe', name: 'Unsafe', disk_format: 'qcow2' }),
    ...hostileNames.map((name, index) => ({
      image: makeImage({ id: `${String(index)} ${name}`, name, tags: [name], properties: { [name]: name } }),
      data: memoryBytes(Buffer.from(name)),
      members: [],
    })),
  ];
}

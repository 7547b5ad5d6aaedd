// One image that a server offers: its record, how to fetch it, and what was found in its data.
import type { Report } from '../disk/report.ts';
import type { Image } from '../image/image.ts';
import { bytesOf, type Fact, presentFacts, renderFacts } from './facts.ts';
import { framePage } from './frame.ts';
import { type Html, markup } from './markup.ts';
import { renderReport, type WordAdvice } from './report-section.ts';

/** A command line for a shell. */
export interface FetchCommand {
  /** Name of the program. */
  readonly program: string;
  readonly line: string;
}

/** What the page of one image shows. */
interface ImagePage {
  readonly image: Image;
  /** The SHA-512 of the data in hex, if known from elsewhere than the record; null if not. */
  readonly sha512: string | null;
  /** The commands that fetch it; empty if it has no data. */
  readonly commands: readonly FetchCommand[];
  /** What was found in its data; null if it was not inspected yet. */
  readonly report: Report | null;
  /** Why there is no report; null if there is one. */
  readonly whyNot: string | null;
  readonly wordAdvice: WordAdvice;
}

/** The page, in pieces. */
export function renderImage(page: ImagePage): Generator<string> {
  const { id, name } = page.image;
  return framePage(name === null || name === '' ? id : name, renderMain(page), wayBack);
}

/** The page for an image that does not exist. */
export function renderUnknown(): Generator<string> {
  return framePage(
    'No such image',
    [markup`<p>There is no image with this id here, or you may not see it.</p>`],
    wayBack,
  );
}

const wayBack = markup`<nav aria-label="Catalog"><a href="../">All images</a></nav>`;

function* renderMain({ image, sha512, commands, report, whyNot, wordAdvice }: ImagePage): Generator<Html> {
  yield report === null ? markup`<p class="soft">${whyNot}</p>` : renderReport(report, wordAdvice, true, image);
  if (commands.length > 0) {
    yield markup`<h2>Fetch it</h2>`;
    for (const { program, line } of commands)
      yield markup`<h3>${program}</h3>
        <div class="copied"><pre tabindex="0">${line}</pre>${renderCopy(line, `copy the line for ${program}`)}</div>`;
  }
  const digests = digestsOf(image, sha512);
  if (digests.length > 0)
    yield markup`<h2>Digests</h2><dl>${digests.map(
      ({ key, text }) =>
        markup`<dt>${key}</dt><dd class="copied"><code>${text}</code>${renderCopy(text, `copy the ${key}`)}</dd>`,
    )}</dl>`;
  yield markup`<h2>Record</h2>
    ${renderFacts(factsOf(image))}`;
  const properties = Object.entries(image.properties).map(([key, value]) => ({ key, text: value ?? '' }));
  if (properties.length > 0)
    yield markup`<h2>Properties</h2>
      ${renderFacts(properties)}`;
}

/** Shown by the script, without which it cannot work. */
function renderCopy(text: string, label: string): Html {
  return markup`<button class="act" type="button" data-copy="${text}" aria-label="${label}" hidden>copy</button>`;
}

function digestsOf({ checksum, os_hash_algo, os_hash_value }: Image, sha512: string | null): readonly Fact[] {
  const algorithm = os_hash_algo ?? 'multihash';
  const known: readonly (readonly [string, string | null])[] = [
    [algorithm, os_hash_value],
    ['sha512', algorithm === 'sha512' && os_hash_value !== null ? null : sha512],
    ['md5', checksum],
  ];
  return presentFacts(known);
}

function factsOf(image: Image): readonly Fact[] {
  const { size, virtual_size: virtual, min_disk: disk, min_ram: ram, tags } = image;
  return presentFacts([
    ['id', image.id],
    ['name', image.name],
    ['status', image.status],
    ['visibility', image.visibility],
    ['disk format', image.disk_format],
    ['container format', image.container_format],
    ['size', bytesOf(size)],
    ['virtual size', bytesOf(virtual)],
    ['minimum disk', disk === null || disk === 0 ? null : `${String(disk)} GiB`],
    ['minimum memory', ram === null || ram === 0 ? null : `${String(ram)} MiB`],
    ['owner', image.owner],
    ['protected', image.protected === true ? 'yes' : null],
    ['hidden', image.os_hidden === true ? 'yes' : null],
    ['tags', tags.join(', ')],
    ['created', image.created_at],
    ['updated', image.updated_at],
  ]);
}

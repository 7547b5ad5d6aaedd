// What completion offers beside the tree of commands: images, clouds, columns, words of Glance. Silent, bounded, and never
// a login.
import { Readable, Writable } from 'node:stream';
import { sleep } from '../../clock.ts';
import type { Candidate, Typed, ValueSource } from '../../docs/candidates.ts';
import { commandsOf, summaryOf } from '../../docs/command-tree.ts';
import { topicNames, topicSummaries } from '../../docs/topic-names.ts';
import { GlanceError } from '../../errors.ts';
import type { OnOdd } from '../../image/odd-record.ts';
import { escapeControls } from '../../output/escape.ts';
import type { NamedImage } from './name-cache.ts';
import type { AllOptions } from '../options/options.ts';
import type { Runtime } from '../runtime.ts';

/** A person waits no longer for a list. */
const deadlineMs = 1500;
/** Small, so that some of a long list is there in time. */
const pageSize = 250;
const maxFetched = 1000;

/** The source of a run. */
export function completionValues(runtime: Runtime): ValueSource {
  return async (name, prefix, typed) => {
    if (name === 'name' && typed.command.name() === 'help') return helpItems(typed);
    if (name === 'image' || name === 'target' || name === 'name')
      return toItems(await findImages(runtime, typed), prefix);
    if (name === 'osCloud') return await findClouds(runtime);
    if (name === 'osRegionName') return await findRegions(runtime, typed);
    if (name === 'column') return await findColumns(typed);
    const { knownWords } = await import('./known-words.ts');
    return Object.hasOwn(knownWords, name) ? plain(knownWords[name] ?? []) : undefined;
  };
}

const plain = (values: readonly string[]): readonly Candidate[] => values.map((value) => ({ value, text: '' }));

async function findColumns({ command }: Typed): Promise<readonly Candidate[] | undefined> {
  if (!['list', 'show'].includes(command.name())) return undefined;
  const { imageKeys } = await import('../../image/image.ts');
  return plain(imageKeys);
}

function helpItems({ command }: Typed): readonly Candidate[] {
  const commands = command.parent === null ? [] : commandsOf(command.parent);
  return [
    ...commands.map((each) => ({ value: each.name(), text: summaryOf(each) })),
    ...topicNames.map((value) => ({ value, text: topicSummaries[value] })),
  ];
}

/** Names once each; ids where there is no name, or where what is typed looks like one. What a terminal must not see is left out. */
function toItems(images: readonly NamedImage[], prefix: string): readonly Candidate[] {
  const names = new Map<string, string>();
  const ids: Candidate[] = [];
  const looksLikeId = /^[0-9a-f][0-9a-f-]*$/i.test(prefix);
  for (const { id, name } of images) {
    if (name === null || looksLikeId) ids.push({ value: id, text: name ?? '' });
    if (name !== null) names.set(name, names.has(name) ? 'several images' : id);
  }
  const named = [...names].map(([value, text]) => ({ value, text }));
  return [...named, ...ids]
    .filter(({ value }) => value !== '' && escapeControls(value) === value)
    .map(({ value, text }) => ({ value, text: escapeControls(text) }));
}

/** From the cache while it is fresh; else from the Glance, if it answers in time. */
async function findImages(runtime: Runtime, typed: Typed): Promise<readonly NamedImage[]> {
  const options = globalsOf(typed);
  if (options.tokenFile === '-') return [];
  const { NameCache } = await import('./name-cache.ts');
  const cache = new NameCache(runtime, options);
  const kept = cache.read();
  if (kept?.isFresh === true) return kept.images;
  const { images, outcome } = await fetchImages(runtime, options);
  const found = outcome === 'all' || images.length > 0 ? images : (kept?.images ?? []);
  // What does not answer is not asked again for a minute; a login may come any moment.
  if (outcome !== 'refused') await cache.write(found);
  return found;
}

interface Fetched {
  readonly images: readonly NamedImage[];
  /** `refused`: there was nobody to ask, or no leave to; `some`: it took too long, or broke. */
  readonly outcome: 'all' | 'some' | 'refused';
}

/** The newest ones, as far as they come in time. */
async function fetchImages(runtime: Runtime, options: AllOptions): Promise<Fetched> {
  const { connectionOf } = await import('../connection.ts');
  const { Messages } = await import('../console/messages.ts');
  const late = new AbortController();
  const done = new AbortController();
  sleep(runtime.clock, deadlineMs, done.signal).then(
    () => late.abort(),
    () => undefined,
  );
  const signal = AbortSignal.any([runtime.signal, late.signal]);
  const silent = { ...runtime, ...silence(), signal };
  const messages = new Messages(silent, false);
  const connection = connectionOf(silent, { ...options, retries: 0 }, messages, { mayLogIn: false });
  const images: NamedImage[] = [];
  try {
    const query = { limit: maxFetched, pageSize, sort: [{ key: 'created_at', direction: 'desc' }] } as const;
    const onOdd: OnOdd = ({ image }) => void (image.id === '' || images.push(image));
    for await (const page of (await connection.service()).list(query, signal, onOdd)) images.push(...page);
    return { images, outcome: 'all' };
  } catch (error) {
    const isRefused = error instanceof GlanceError && /^(?:auth|config|cloud)\./.test(error.code);
    return { images, outcome: isRefused ? 'refused' : 'some' };
  } finally {
    done.abort();
    await connection.close();
  }
}

function silence(): Pick<Runtime, 'stdin' | 'stderr'> {
  return { stdin: Readable.from([]), stderr: new Writable({ write: (_chunk, _encoding, written) => written() }) };
}

async function findClouds({ env, cwd, platform, homedir, signal }: Runtime): Promise<readonly Candidate[]> {
  const { listCloudNames } = await import('../../identity/config/load-cloud.ts');
  const names = await listCloudNames({ env, cwd, platform, homedir, signal });
  return plain(names.filter((name) => escapeControls(name) === name));
}

async function findRegions(
  { env, cwd, platform, homedir, signal }: Runtime,
  { options }: Typed,
): Promise<readonly Candidate[]> {
  const { listRegionNames } = await import('../../identity/config/load-cloud.ts');
  const cloud = options.get('osCloud') ?? env['OS_CLOUD'];
  const names = typeof cloud === 'string' ? await listRegionNames({ env, cwd, platform, homedir, signal }, cloud) : [];
  return plain(names.filter((name) => escapeControls(name) === name));
}

/** What of the options typed tells where to connect. */
function globalsOf({ options }: Typed): AllOptions {
  const names = /^(?:endpoint|tokenFile|imageApiVersion|insecure|tokenCache|os[A-Z]\w*)$/;
  return Object.fromEntries([...options].filter(([name]) => names.test(name)));
}

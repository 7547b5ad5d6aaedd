// What completion offers besides commands and options: images, clouds, columns, Glance's words. Silent, bounded, and never
// logs in.
import { Writable } from 'node:stream';
import type { Connection } from '../../client/connection.ts';
import type { NamedImage } from '../../client/names/kept-names.ts';
import type { ListQuery } from '../../image/service.ts';
import type { CompletionItem, Typed, ValueSource } from '../../docs/completion/candidates.ts';
import { commandsOf, summaryOf } from '../../docs/command-tree.ts';
import { topicNames, topicSummaries } from '../../docs/topic-names.ts';
import { escapeControls } from '../../text/escape.ts';
import type { GlobalOptions } from '../options/options.ts';
import type { Runtime } from '../runtime.ts';

/** Creates the source of values for a run. */
export function completionValues(runtime: Runtime): ValueSource {
  return async (name, prefix, typed) => {
    if (name === 'name' && typed.command.name() === 'help') return helpItems(typed);
    if (name === 'image' || name === 'target' || name === 'name' || name === 'word')
      return toItems(await findImages(runtime, typed), prefix);
    if (name === 'osCloud') return await findClouds(runtime);
    if (name === 'osRegionName') return await findRegions(runtime, typed);
    if (name === 'column') return plain(await (await import('./columns.ts')).columnsOf(typed));
    const { knownWords } = await import('./known-words.ts');
    return Object.hasOwn(knownWords, name) ? plain(knownWords[name] ?? []) : undefined;
  };
}

const plain = (values: readonly string[]): readonly CompletionItem[] => values.map((value) => ({ value, text: '' }));

function helpItems({ command }: Typed): readonly CompletionItem[] {
  const commands = command.parent === null ? [] : commandsOf(command.parent);
  return [
    ...commands.map((each) => ({ value: each.name(), text: summaryOf(each) })),
    ...topicNames.map((value) => ({ value, text: topicSummaries[value] })),
  ];
}

/**
 * Each name once; ids for images without a name, or if the typed text looks like one. Leaves out what is unsafe for a
 * terminal.
 */
function toItems(images: readonly NamedImage[], prefix: string): readonly CompletionItem[] {
  const names = new Map<string, string>();
  const ids: CompletionItem[] = [];
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

async function findImages(runtime: Runtime, typed: Typed): Promise<readonly NamedImage[]> {
  const options = globalsOf(typed);
  if (options.tokenFile === '-') return [];
  const { keptNamesOf } = await import('./kept-names.ts');
  const { findNames } = await import('../../client/names/image-names.ts');
  const connect = async (signal: AbortSignal): Promise<Connection> => {
    const { connectionOf } = await import('../connection.ts');
    const { Messages } = await import('../console/messages.ts');
    const silent = { ...runtime, ...silence(), signal };
    return connectionOf(silent, { ...options, retries: 0 }, new Messages(silent, false), { mayLogIn: false });
  };
  const source = { system: runtime, connect, query: filtersOf(typed), signal: runtime.signal };
  return await findNames(keptNamesOf(runtime, options), source);
}

/** The typed filters whose values are compared literally; undefined if there are none. */
function filtersOf({ options }: Typed): ListQuery | undefined {
  const textOf = (name: string): string | undefined => {
    const value = options.get(name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const [tag, property] = [textOf('tag'), textOf('property')];
  const equals = property?.indexOf('=') ?? -1;
  const query: ListQuery = {
    status: textOf('status'),
    owner: textOf('owner'),
    diskFormat: textOf('diskFormat'),
    containerFormat: textOf('containerFormat'),
    tags: tag === undefined ? undefined : [tag],
    properties:
      property === undefined || equals < 1
        ? undefined
        : new Map([[property.slice(0, equals), property.slice(equals + 1)]]),
  };
  return Object.values(query).some((value) => value !== undefined) ? query : undefined;
}

function silence(): Pick<Runtime, 'stderr'> {
  return { stderr: new Writable({ write: (_chunk, _encoding, written) => written() }) };
}

async function findClouds(runtime: Runtime): Promise<readonly CompletionItem[]> {
  const { findCloudNames } = await import('../../client/names/configured-names.ts');
  const names = await findCloudNames(runtime, runtime);
  return plain(names.filter((name) => escapeControls(name) === name));
}

async function findRegions(runtime: Runtime, { options }: Typed): Promise<readonly CompletionItem[]> {
  const { findRegionNames } = await import('../../client/names/configured-names.ts');
  const cloud = options.get('osCloud');
  const names = await findRegionNames(runtime, typeof cloud === 'string' ? cloud : undefined, runtime);
  return plain(names.filter((name) => escapeControls(name) === name));
}

/** The typed options that say where to connect. */
function globalsOf({ options }: Typed): GlobalOptions {
  const names = /^(?:endpoint|tokenFile|imageApiVersion|insecure|tokenCache|os[A-Z]\w*)$/;
  return Object.fromEntries([...options].filter(([name]) => names.test(name)));
}

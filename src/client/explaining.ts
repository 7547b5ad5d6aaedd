// What fails over a connection, told with all that is known here of why; and what a failure proves is remembered.
import type { Connection } from './connection.ts';

/** Gives what the work gives. @throws what it throws, explained */
export async function explaining<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw await explain(connection, error);
  }
}

/** Gives the items. @throws what they end with, explained */
export async function* explainingEach<T>(
  connection: Connection,
  items: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  try {
    yield* items;
  } catch (error) {
    throw await explain(connection, error);
  }
}

async function explain(connection: Connection, error: unknown): Promise<unknown> {
  await connection.noteFailure(error);
  return await connection.explain(error);
}

// What was read lately, kept for when it is asked for again.

/** Keeps a value, and of all of them no more than the newest few. @param most ≥ 0 */
export function remember<T>(kept: Map<number, T>, key: number, value: T, most: number): void {
  kept.delete(key);
  kept.set(key, value);
  const [oldest] = kept.keys();
  if (kept.size > most && oldest !== undefined) kept.delete(oldest);
}

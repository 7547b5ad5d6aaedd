// The contents of a configuration file, whatever its format. Everything in it is text: the setting that a value belongs
// to decides whether it is a number or a switch, so a password 0123 stays as it is.

/** Part of a file. Null is YAML's null, an empty value, or a missing one. */
export type ConfigNode = string | null | readonly ConfigNode[] | ConfigMap;
/** Settings by name, as written. A map, since a cloud may be called `__proto__`. */
export type ConfigMap = ReadonlyMap<string, ConfigNode>;

/** The map under a key, or an empty one. */
export function mapAt(node: ConfigNode | undefined, key: string): ConfigMap {
  const found = node instanceof Map ? (node as ConfigMap).get(key) : undefined;
  return found instanceof Map ? (found as ConfigMap) : new Map();
}

/** Whether an unquoted text is YAML's null. @see https://yaml.org/spec/1.2.2/#1032-tag-resolution */
export function isNull(plain: string): boolean {
  return /^(?:|~|null|Null|NULL)$/.test(plain);
}

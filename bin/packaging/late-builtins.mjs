// Node's own modules, loaded when something of them is first used: some take milliseconds, and most commands need few.

/**
 * @param {string} code what esbuild made of modules, as CommonJS: one variable for each import, used with a name behind it
 * @returns {string} the same without these variables
 * @throws {Error} where such a variable is used in any other way
 */
export function loadBuiltinsLate(code) {
  const modules = new Map(
    [...code.matchAll(/\b(import_\w+)=(require\("node:[^"]+"\))/g)].map(([, name, call]) => [name, call]),
  );
  return code.replaceAll(/\b(import_\w+)\b(=require\("node:[^"]+"\)|\.)?/g, (use, name, after) => {
    const call = modules.get(name);
    if (call === undefined) return use;
    // In parentheses for the sake of `new`.
    if (after === '.') return `(${call}).`;
    if (after !== undefined) return name;
    throw new Error(`${name} is used as a whole`);
  });
}

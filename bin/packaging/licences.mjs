// The licences of the packages in a bundle, which have to be distributed with it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The directories of the packages that modules belong to.
 * @param {readonly string[]} modules paths of the modules in a bundle
 * @returns {readonly string[]}
 */
export function packagesOf(modules) {
  const packages = modules.map((path) => /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(path)?.[0]);
  return [...new Set(packages.filter((path) => path !== undefined))].toSorted();
}

/**
 * Every package in a bundle with its version and its licence's text.
 * @param {readonly string[]} modules paths of the modules in the bundle
 * @returns {string}
 * @throws {Error} for a package without a text
 */
export function licencesOf(modules) {
  const sections = packagesOf(modules).map((directory) => {
    /** @type {{ name: string, version: string, license: string }} */
    const { name, version, license } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
    const file = readdirSync(directory).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} has no file with its licence`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(directory, file), 'utf8').trim()}\n`;
  });
  return `glance-cli holds these packages:\n\n${sections.join(`\n${'-'.repeat(79)}\n\n`)}`;
}

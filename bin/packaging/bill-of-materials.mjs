// What is in an executable, as CycloneDX: the packages that npm knows of, and Node itself.
import { execFileSync } from 'node:child_process';

/**
 * @param {string} root of the repository
 * @param {{ version: string, integrity: string }} node that is in the executable
 * @returns {string} JSON
 */
export function billOfMaterials(root, node) {
  const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--omit=dev'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const bill = JSON.parse(text);
  // npm takes the name of the directory.
  bill.metadata.component.name = 'glance-cli';
  bill.components.push({
    'bom-ref': `node@${node.version}`,
    type: 'platform',
    name: 'node',
    version: node.version,
    scope: 'required',
    purl: `pkg:generic/node@${node.version}`,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(node.integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
  });
  return `${JSON.stringify(bill, null, 2)}\n`;
}

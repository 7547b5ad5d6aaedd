import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { unreadContents } from '../../../src/disk/contents/contents.ts';
import { plainFinding } from '../../../src/disk/parsing/finding.ts';
import { hazard, type HazardCode } from '../../../src/disk/parsing/hazards.ts';
import { addContents, createReport, failedReport, type Report, undeclared } from '../../../src/disk/report.ts';
import { AuditPage } from '../../../src/pages/audit-page.ts';

function inspected(name: string): Parameters<typeof createReport>[0] {
  return { id: `id of ${name}`, name, path: null, size: 4096, declared: undeclared };
}

function report(name: string, ...codes: readonly HazardCode[]): Report {
  const hazards = codes.map((code) => hazard(code, `about ${code}`));
  return createReport(inspected(name), { ...plainFinding('qcow2'), virtualSize: 2n ** 31n, hazards }, 0);
}

function render(...reports: readonly Report[]): string {
  const page = new AuditPage({ madeAt: '2026-11-26T10:00:00Z', wordAdvice: (advice) => `[${advice}]` });
  for (const each of reports) page.add(each);
  return [...page.render()].join('');
}

function digestsOf(page: string, element: 'style' | 'script'): string {
  const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? '';
  return `${element}-src &#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`;
}

describe('the page of an audit', () => {
  const os = {
    id: 'debian',
    id_like: [],
    version_id: '12',
    name: 'Debian',
    pretty_name: null,
    codename: null,
    architecture: null,
  };
  const contents = { ...unreadContents('limit'), read: true, why: null, os };
  const inside = addContents(report('c', 'host_keys'), { contents, partitions: null, hazards: [] });
  const page = render(
    report('a'),
    report('b', 'backing_file', 'host_keys'),
    inside,
    failedReport(inspected('d'), { code: 'net.timeout', message: 'took <too> long' }),
  );

  it('counts verdicts, and ranks hazards, unsafe ones first, each with advice', () => {
    expect(page).toContain('<b>2</b><span class="good">safe</span>');
    expect(page).toContain('<b>1</b><span class="bad">unsafe</span>');
    expect(page).toContain('<b>1</b><span class="warn">could not be read</span>');
    expect(page).toMatch(
      /backing file<\/span>: 1 image<br ?\/?><span class="soft">To do: \[.*host keys<\/span>: 2 images/,
    );
    expect(page).toContain('<dt>Debian 12</dt><dd>1</dd>');
  });

  it('has a row and a section for each image, linked to each other', () => {
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
      expect(page).toContain(`<a href="#image-${String(index + 1)}">${name}</a>`);
      expect(page).toContain(`<h2 id="image-${String(index + 1)}">${name}</h2>`);
    }
    expect(page).toContain('took &lt;too&gt; long');
    expect(page).toContain('2.0 GiB (2147483648)');
  });

  it('may load its own style and script, and nothing else', () => {
    expect(page).toContain(digestsOf(page, 'style'));
    expect(page).toContain(digestsOf(page, 'script'));
    expect(page).toContain('content="default-src &#39;none&#39;; ');
    expect(page).not.toMatch(/(?:href|src)="(?!#)/);
  });

  it('about one image is only about that, with advice beside each hazard', () => {
    const one = render(report('<b>', 'host_keys'));
    expect(one).toContain('<title>&lt;b&gt;</title>');
    expect(one).toMatch(/about host_keys<br ?\/?><span class="soft">To do: \[/);
    expect(one).not.toContain('<table');
  });

  it('of a thousand images is smaller than 3 MiB', () => {
    const codes = ['host_keys', 'machine_id_set', 'password_set', 'shell_history'] as const;
    expect(
      render(...Array.from({ length: 1000 }, (_, index) => report(`image ${String(index)}`, ...codes))).length,
    ).toBeLessThan(3 * 1024 * 1024);
  });
});

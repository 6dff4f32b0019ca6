import { expect } from 'chai';
import { html } from 'lit';
import { renderReportHtml } from '../../../src/engine/comparison/html/index.js';
import { buildReport } from '../../../src/engine/comparison/report.js';
import '../../../src/ui/lab/lab.js';
import type { WinnowLab } from '../../../src/ui/lab/lab.js';
import { riceDataset, studyRun } from '../../engine/comparison/study.js';
import { evilIn, markup } from '../../support/markup.js';
import { dataset, FakeLab, result, run, settings } from '../support/fake-lab.js';
import { allInside, cleanUp, fixture, inside, settled, until } from '../support/fixture.js';

const classes = [...markup];
const counts = classes.map(() => 8);
const confusion = classes.map((_, row) => classes.map((__, column) => (row === column ? 5 : column === (row + 1) % classes.length ? 3 : 0)));
const mistakes = markup.map((name, index) => ({ index, name, truth: classes[index], predicted: classes[(index + 1) % classes.length], probability: 0.9 }));
const refused = markup.map((name) => ({ name, code: 'truncated' as const, reason: name }));

/** All text that is shown, shadow trees included. */
function textOf(root: ParentNode): string {
  return [...root.children].map((element) => `${[...element.childNodes].filter((node) => node instanceof Text).map((node) => node.data).join('')} ${textOf(element)} ${element.shadowRoot ? textOf(element.shadowRoot) : ''}`).join(' ');
}

describe('names that are markup', () => {
  afterEach(() => {
    cleanUp();
    localStorage.clear();
    location.hash = '';
  });

  it('are what the checks look for, once they are markup', () => {
    const inert = markup.filter((text) => evilIn(new DOMParser().parseFromString(`<p title="${text}" lang='${text}'>${text}</p>`, 'text/html')).length === 0);
    // Those need a template engine, a style sheet's parser, or a page that decodes twice.
    expect(inert.length, inert.join('\n')).to.be.at.most(10);
    expect(markup).to.have.length(50);
  });

  it('are text in every place of the lab', async () => {
    const fake = new FakeLab();
    fake.datasets = [...markup.slice(0, 9).map((name, i) => dataset({ id: `d${i}`, name, created: `2025-11-0${i + 1}T10:00:00.000Z` })), dataset({ name: markup[9], classes, counts, images: 400, refused, refusedCount: 50 })];
    const named = { classes, datasetName: markup[10], split: { train: counts, validation: counts, test: counts.map(() => 0) }, state: { kind: 'done', result: { ...result, confusion, mistakes, undecodable: markup } } } as const;
    fake.runs = [run(named), run({ ...named, id: 'run-2', settings: settings('cnn') }), run({ ...named, id: 'run-3', state: { kind: 'failed', error: { code: 'worker-failed', what: markup[4], remedy: markup[5], details: { why: markup[3] } } } })];
    fake.cut = markup.slice(0, 3).map((name, i) => ({ id: `c${i}`, name, fingerprint: '', started: '2026-11-01T10:00:00.000Z', done: 10, total: 20, shards: 1, images: 10, bytes: 100, counts: [], left: [], refused, refusedCount: 0 }));
    for (const place of ['data', 'train', 'look', 'compare', 'lighten', 'use']) {
      location.hash = place;
      const lab = await fixture<WinnowLab>(html`<winnow-lab .connect=${async () => fake}></winnow-lab>`, 1200);
      await until(() => lab.store.state.adapter !== null, 'the lab is connected');
      await until(() => inside(lab, 'main > .waiting') === null, 'the place is loaded');
      lab.store.update({ errors: { ...lab.store.state.errors, [place === 'data' ? 'data' : 'lab']: { code: 'worker-failed', what: markup[6], remedy: markup[7], details: { why: markup[8] } } } });
      await settled(lab);
      for (const details of allInside<HTMLDetailsElement>(lab, 'details')) details.open = true;
      await settled(lab);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(evilIn(lab.parentElement!), place).to.deep.equal([]);
      if (place === 'data') for (const name of markup.slice(0, 9)) expect(textOf(lab.shadowRoot!)).to.include(name.trim());
      cleanUp();
    }
    expect(fake.bitmaps.length).to.be.at.least(0);
  });

  it('are text in a report', () => {
    const data = { ...riceDataset, name: markup[3], classes, counts, refused };
    const reports = (['cnn', 'cnn-light'] as const).map((arch) => {
      const study = studyRun(arch);
      if (study.state.kind !== 'done') throw new Error('unreachable');
      return { ...study, classes, datasetName: markup[5], split: { train: counts, validation: counts, test: counts }, state: { kind: 'done', result: { ...study.state.result, confusion, mistakes, undecodable: markup } } } as const;
    });
    const page = new DOMParser().parseFromString(renderReportHtml(buildReport(data, [reports[0], reports[1]], markup[7])), 'text/html');
    expect(evilIn(page.body)).to.deep.equal([]);
    expect(page.title + page.body.textContent).to.include(markup[3]);
  });
});

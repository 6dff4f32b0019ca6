import { expect } from 'chai';
import { readModel } from '../../../src/engine/exchange/formats.js';
import { encodeBase64 } from '../../../src/engine/exchange/html/base64.js';
import { writeHtml } from '../../../src/engine/exchange/html/file.js';
import { writeSafetensors } from '../../../src/engine/exchange/safetensors.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { elements } from '../../../src/engine/graph/shapes.js';
import type { LayerGraph, Weight } from '../../../src/engine/graph/types.js';
import { weightSpecs } from '../../../src/engine/graph/weights.js';
import type { Model } from '../../../src/engine/exchange/model.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { bytesOf, everyLayer, exampleCard, exampleModel, refusal } from './example.js';

const model = exampleModel(everyLayer());
const encode = (text: string) => new TextEncoder().encode(text);

const initialZeros = (graph: LayerGraph): Weight[] => weightSpecs(graph).map(({ name, shape }) => ({ name, shape, data: new Float32Array(elements(shape)) }));

describe('a model as a page', () => {
  let page = '';
  before(async () => {
    page = await (await writeHtml(model)).text();
  });

  it('comes back when its weights take several pieces of base64', async () => {
    const wide = exampleModel(new GraphBuilder([16, 16, 3], 5).flatten().dense(1500).predictions());
    const read = await readModel(await writeHtml(wide));
    expect(read.weights).to.deep.equal(wide.weights);
  });

  it('allows itself one script and one style, by their hashes, and nothing else', async () => {
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)![1];
    const directives = new Map(policy.split('; ').map((directive): [string, string] => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]));
    expect(directives.get('default-src')).to.equal("'none'");
    for (const [directive, tag] of [['script-src', 'script'], ['style-src', 'style']] as const) {
      const content = new RegExp(`<${tag}>([^]*?)</${tag}>`).exec(page)![1];
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', encode(content)));
      expect(directives.get(directive)).to.equal(`'sha256-${encodeBase64(digest)}'`);
    }
    expect(page.match(/<script/g)).to.have.length(2);
  });

  it('is parsed by a browser as it was meant, whatever the card says', async () => {
    const evil = `</title><script>evil</script><!-- "'&`;
    const named: Model = { ...model, card: { ...model.card, arch: evil, classes: model.card.classes.map((name, i) => (i === 0 ? evil : name)), dataset: { ...model.card.dataset, name: '</script>' } } };
    const text = await (await writeHtml(named)).text();
    const parsed = new DOMParser().parseFromString(text, 'text/html');
    expect(parsed.title).to.contain(evil);
    expect(parsed.querySelectorAll('script')).to.have.length(2);
    expect(parsed.body.textContent).not.to.contain('evil');
    expect((await readModel(new Blob([text]))).card).to.deep.equal(named.card);
  });

  it('does not take more weights than a page can hold', async () => {
    const graph = new GraphBuilder([64, 64, 3], 5).flatten().dense(2800).predictions();
    const big: Model = { graph, weights: initialZeros(graph), card: exampleCard(graph) };
    const error: unknown = await writeHtml(big).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(WinnowError).with.property('code', 'export-too-large');
  });

  const attacks: Record<string, [why: RegExp, make: () => Promise<string | Uint8Array<ArrayBuffer>>]> = {
    'another page': [/without a model/, async () => '<!doctype html><title>Hello</title>'],
    'a page in capitals': [/without a model/, async () => '<!DOCTYPE HTML><p>'],
    'a page cut off': [/end of the page/, async () => page.slice(0, -1)],
    'a page cut off in the weights': [/end of the page/, async () => page.slice(0, -5000)],
    'something behind the end': [/end of the page/, async () => `${page}<script>alert(1)</script>`],
    'something between the weights': [/no base64/, async () => page.replace(/(id="winnow-model">.{400})..../, '$1 \n= ')],
    'a script for weights': [/no base64/, async () => page.replace(/(id="winnow-model">.{400})..../, '$1<!--')],
    'weights one character short': [/cut off/, async () => page.replace(/(id="winnow-model">.{400})./, '$1')],
    'another file in the weights': [/too large|no safetensors/, async () => page.replace(/id="winnow-model">[^<]*/, `id="winnow-model">${encodeBase64(encode('PK\u0003\u0004 is a zip, not weights.'))}`)],
    'weights with four bytes more than their header says': [/its tensors have/, async () => page.replace(/id="winnow-model">[^<]*/, `id="winnow-model">${encodeBase64(await bytesOf(new Blob([writeSafetensors(model), new Uint8Array(4)])))}`)],
    'no weights': [/no safetensors/, async () => page.replace(/id="winnow-model">[^<]*/, 'id="winnow-model">')],
  };
  for (const [what, [why, make]] of Object.entries(attacks)) {
    it(`is refused: ${what}`, async () => {
      const made = await make();
      const error = await refusal(readModel, typeof made === 'string' ? encode(made) : made);
      expect(error.code).to.equal('model-broken');
      expect(error.details.source).to.equal('evil.file');
      expect(error.details.why).to.match(why);
    });
  }
});

import { expect } from 'chai';
import { parseCard, type ModelCard } from '../../../src/engine/exchange/card.js';
import { cardLimits } from '../../../src/engine/exchange/limits.js';
import { zipKerasProject, writeKerasProject } from '../../../src/engine/exchange/keras-project/project.js';
import { bytesOf, everyLayer, exampleModel, unpack } from './example.js';

const model = exampleModel(everyLayer());
const { card } = model;
const with_ = (part: Partial<ModelCard['metrics']>, rest: Partial<ModelCard> = {}): ModelCard => ({ ...card, ...rest, metrics: { ...card.metrics, ...part } });
const { perturbed } = card.metrics.test;

describe('the model card', () => {
  it('is read without what older ones lack', () => {
    const { speed: _, continued: __, ...old } = card;
    expect(parseCard(JSON.parse(JSON.stringify(old)), 'the card')).to.deep.equal({ ...card, speed: null, continued: null });
  });

  it('says on what the model was how fast', () => {
    expect(card.speed).to.include.keys('adapter', 'backend', 'latencyMs');
    expect(parseCard(JSON.parse(JSON.stringify(card)), 'the card')).to.deep.equal(card);
  });

  it('tells its limits, by what it was trained and tested on', () => {
    const kinds = (of: ModelCard) => cardLimits(of).map(({ kind }) => kind);
    const sure = with_({ validation: { loss: 0.1, accuracy: 0.9 }, test: { loss: 0.1, accuracy: 0.9, perturbed: { ...perturbed, accuracy: 0.88, of: 'test' } } }, { dataset: { ...card.dataset, synthetic: false } });
    expect(kinds(sure)).to.deep.equal(['closed-set']);
    expect(kinds({ ...sure, dataset: { ...sure.dataset, synthetic: true } })).to.deep.equal(['closed-set', 'synthetic']);
    expect(kinds({ ...sure, metrics: { ...sure.metrics, test: { ...sure.metrics.test, loss: null, accuracy: null } } })).to.deep.equal(['closed-set', 'no-test']);
    const fragile = { ...sure, metrics: { ...sure.metrics, test: { ...sure.metrics.test, perturbed: { ...perturbed, accuracy: 0.7, of: 'test' as const } } } };
    expect(cardLimits(fragile)).to.deep.equal([{ kind: 'closed-set', classes: 5 }, { kind: 'fragile', accuracy: 0.9, perturbed: 0.7 }]);
    // Another program has trained it on: the accuracy on changed photos is not of these weights.
    expect(kinds({ ...fragile, continued: { with: 'Keras', epochs: 2, replicas: 2 } })).to.deep.equal(['closed-set', 'continued']);
  });
});

describe('a Keras project', () => {
  it('is the same folder as a zip, and the same for the same model', async () => {
    const files = await writeKerasProject(model);
    const zip = await bytesOf(await zipKerasProject(model));
    expect(await bytesOf(await zipKerasProject(model))).to.deep.equal(zip);
    const unpacked = await unpack(zip);
    expect(Object.keys(unpacked).map((name) => name.replace(/^[^/]+\//, '')).sort()).to.deep.equal([...files.keys()].sort());
    for (const [name, file] of files) expect(unpacked[`${card.arch}-keras/${name}`], name).to.deep.equal(await bytesOf(file));
  });
});

import { expect } from 'chai';
import { defaultSettings, type RunSettings } from '../../../src/engine/support/settings.js';
import { draftOf, problemsOf, rangesOf, settingsOf } from '../../../src/ui/training/draft.js';

const ranges = rangesOf([{ least: 32, most: 512 }]);

describe('the settings that are edited', () => {
  it('come back as they were when nothing was edited', () => {
    const settings: RunSettings = {
      ...defaultSettings, size: 96, limit: 500, testShare: 0.07, validationShare: 0.15, seed: 0xffffffff, optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0.7 },
      schedule: { kind: 'step', every: 3, factor: 0.3 }, loss: { labelSmoothing: 0.07, classWeights: [1, 2] }, freeze: 4,
      augment: { flipX: 0.3, flipY: 0, rotation: 0.07, shift: 0.07, zoom: 0.29, brightness: 0.01 }, perturbation: { flip: 0.07, rotation: 0.29, zoom: 0.01, shift: 0.07, contrast: 0.29 },
    };
    expect(problemsOf(draftOf(settings), ranges)).to.deep.equal({});
    expect(settingsOf(draftOf(settings), settings)).to.deep.equal(settings);
    expect(settingsOf(draftOf(defaultSettings), defaultSettings)).to.deep.equal(defaultSettings);
  });

  it('say how it learns, in per cent and degrees', () => {
    const draft = {
      ...draftOf(defaultSettings), optimizer: 'sgd', schedule: 'cosine', classWeights: 'balanced', labelSmoothing: '10', flips: 'leftRight', rotation: '18', shift: '5', zoom: '20', brightness: '12,5', testRotation: '90', freeze: 'base',
    };
    expect(problemsOf(draft, ranges)).to.deep.equal({});
    expect(settingsOf(draft, defaultSettings)).to.deep.equal({
      ...defaultSettings,
      optimizer: { kind: 'sgd', learningRate: 0.001, momentum: 0.9 }, schedule: { kind: 'cosine', alpha: 0 }, loss: { labelSmoothing: 0.1, classWeights: 'balanced' }, freeze: 'base',
      augment: { flipX: 0.5, flipY: 0, rotation: 0.05, shift: 0.05, zoom: 0.2, brightness: 0.125 }, perturbation: { ...defaultSettings.perturbation, rotation: 0.25 },
    });
  });

  it('understand a decimal comma, and an empty limit as all', () => {
    const draft = { ...draftOf(defaultSettings), learningRate: '0,0005', limit: ' ' };
    expect(settingsOf(draft, defaultSettings)).to.include({ limit: null });
    expect(settingsOf(draft, defaultSettings).optimizer.learningRate).to.equal(0.0005);
  });

  it('are refused outside their ranges, where they are no number, and where a whole one is wanted', () => {
    const strengths = { labelSmoothing: '51', rotation: '181', shift: '-1', zoom: '91', brightness: '', testFlip: 'all', testRotation: '200', testShift: '60', testZoom: '100', testContrast: '101' };
    const wrong = { ...strengths, size: '31', batch: '0', epochs: '2.5', patience: '', learningRate: 'fast', validationShare: '0', testShare: '-1', limit: '9', seed: '4294967296' };
    expect(Object.keys(problemsOf({ ...draftOf(defaultSettings), ...wrong }, ranges))).to.have.members(Object.keys(wrong));
  });

  it('take the sides that all chosen architectures take', () => {
    const narrow = rangesOf([{ least: 32, most: 512 }, { least: 96, most: 300 }]);
    expect(narrow.size).to.include({ least: 96, most: 300 });
  });

  it('leave enough to train on', () => {
    const draft = { ...draftOf(defaultSettings), validationShare: '50', testShare: '40' };
    expect(problemsOf(draft, ranges)).to.deep.equal({ testShare: { kind: 'shares', most: 80 } });
  });
});

import { expect } from 'chai';
import { defaultSettings, type RunSettings } from '../../../src/engine/support/settings.js';
import { draftOf, problemsOf, rangesOf, settingsOf } from '../../../src/ui/training/draft.js';

const ranges = rangesOf([{ least: 32, most: 512 }]);

describe('the settings that are edited', () => {
  it('come back as they were when nothing was edited', () => {
    const settings: RunSettings = { ...defaultSettings, size: 96, limit: 500, testShare: 0.07, validationShare: 0.15, seed: 0xffffffff, optimizer: { kind: 'sgd', learningRate: 0.01, momentum: 0.9 } };
    expect(problemsOf(draftOf(settings), ranges)).to.deep.equal({});
    expect(settingsOf(draftOf(settings), defaultSettings)).to.deep.equal({ ...settings, optimizer: { kind: 'adam', learningRate: 0.01 } });
    expect(settingsOf(draftOf(defaultSettings), defaultSettings)).to.deep.equal(defaultSettings);
  });

  it('understand a decimal comma, and an empty limit as all', () => {
    const draft = { ...draftOf(defaultSettings), learningRate: '0,0005', limit: ' ' };
    expect(settingsOf(draft, defaultSettings)).to.include({ limit: null });
    expect(settingsOf(draft, defaultSettings).optimizer.learningRate).to.equal(0.0005);
  });

  it('are refused outside their ranges, where they are no number, and where a whole one is wanted', () => {
    const wrong = { size: '31', batch: '0', epochs: '2.5', patience: '', learningRate: 'fast', validationShare: '0', testShare: '-1', limit: '9', seed: '4294967296' };
    expect(Object.keys(problemsOf(wrong, ranges))).to.have.members(Object.keys(wrong));
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

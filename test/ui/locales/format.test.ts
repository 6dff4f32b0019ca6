import { expect } from 'chai';
import { formatBytes, formatCount, formatDuration, formatInteger, formatMetric, formatMilliseconds, formatPercent, formatRounded, formatSeconds, plural } from '../../../src/ui/locales/format.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';

const plain = (text: string) => text.replace(/\s/g, ' ');

describe('format', () => {
  afterEach(() => chooseLocale('en'));

  it('writes numbers as the study does', () => {
    expect(formatInteger(12_939_077)).to.equal('12,939,077');
    expect(formatMetric(0.9963)).to.equal('0.9963');
    expect(plain(formatCount(1_042_859_422))).to.equal('1.04 G');
    expect(plain(formatCount(167_860_766))).to.equal('167.9 M');
    expect(plain(formatCount(224))).to.equal('224');
    expect(formatPercent(0.1234, 1)).to.equal('12.3%');
    expect(formatRounded(0.00123456)).to.equal('0.00123');
    expect(formatRounded(1234.5)).to.equal('1,235');
  });

  it('writes sizes and times with at most two units', () => {
    expect(formatBytes(67_600)).to.equal('67.6 kB');
    expect(formatBytes(999_999)).to.equal('1 MB');
    expect(formatBytes(1_100_000_000)).to.equal('1.1 GB');
    expect(formatDuration(6600)).to.equal('1 hr 50 min');
    expect(formatDuration(754)).to.equal('13 min');
    expect(formatDuration(75)).to.equal('1 min 15 sec');
    expect(formatDuration(59.7)).to.equal('1 min');
    expect(formatDuration(0.2)).to.equal('0 sec');
    expect([formatSeconds(0.44), formatSeconds(9), formatSeconds(75), formatSeconds(NaN)]).to.deep.equal(['0.4 sec', '9 sec', '1 min 15 sec', '–']);
    expect(formatMilliseconds(8.314)).to.equal('8.31 ms');
  });

  it('writes a dash for what is not known', () => {
    expect([formatInteger(NaN), formatDuration(Infinity), formatMetric(NaN), formatBytes(NaN), formatCount(NaN)]).to.deep.equal(['–', '–', '–', '–', '–']);
  });

  it('follows the language', async () => {
    await chooseLocale('ko');
    expect(formatDuration(75)).to.equal('1분 15초');
    expect(plural(1, { one: () => 'one', other: () => 'other' })).to.equal('other');
    await chooseLocale('en');
    expect(plural(1, { one: () => 'one', other: () => 'other' })).to.equal('one');
  });
});

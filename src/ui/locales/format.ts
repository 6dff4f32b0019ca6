import { currentLocale } from './localization.js';

/** Numbers as the language of the moment writes them. What is not finite is a dash. */

const cache = new Map<string, Intl.NumberFormat>();

function number(value: number, options: Intl.NumberFormatOptions): string {
  if (!Number.isFinite(value)) return '–';
  const key = currentLocale() + JSON.stringify(options);
  let format = cache.get(key);
  if (!format) cache.set(key, (format = new Intl.NumberFormat(currentLocale(), options)));
  return format.format(value);
}

/** 12,939,077 */
export const formatInteger = (value: number): string => number(value, { maximumFractionDigits: 0 });

/** 0.9978: accuracies and losses, four digits, as the study prints them. */
export const formatMetric = (value: number, digits = 4): string => number(value, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** With its sign in front, a real minus; 0 has none. */
export const formatSigned = (value: number, format: (magnitude: number) => string): string => `${value < 0 ? '−' : value > 0 ? '+' : ''}${format(Math.abs(value))}`;

/** A fraction as 12 % or 99.9 %. */
export const formatPercent = (fraction: number, digits = 0): string => number(fraction, { style: 'percent', maximumFractionDigits: digits });

/** Three significant digits, and all of them before the point: 0.0013, 8.31, 412, 1,875. */
export const formatRounded = (value: number): string =>
  number(value, Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });

/** 1.04 G, 167.9 M, 24: SI prefixes, which every language shares. For FLOPs and MACs. */
export function formatCount(value: number): string {
  const [scale, prefix] = value >= 1e12 ? [1e12, 'T'] : value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e4 ? [1e3, 'k'] : [1, ''];
  const scaled = value / scale;
  const digits = scale === 1 ? 0 : scaled >= 100 ? 1 : 2;
  return number(scaled, { minimumFractionDigits: digits, maximumFractionDigits: digits }) + (prefix && `\u00a0${prefix}`);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Decimal units: 67.6 kB, 1.1 GB. */
export function formatBytes(bytes: number): string {
  let power = 0;
  // 999.95 would round up to four figures.
  while (power < BYTE_UNITS.length - 1 && bytes / 1000 ** power >= 999.95) power++;
  return number(bytes / 1000 ** power, { style: 'unit', unit: BYTE_UNITS[power], unitDisplay: power ? 'short' : 'long', maximumFractionDigits: power ? 1 : 0 });
}

/** Two units at most: 1 hr 50 min, 38 min, 12 sec. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  const whole = Math.max(0, Math.round(seconds));
  const parts: readonly (readonly [number, string])[] =
    whole >= 3600 ? [[Math.floor(whole / 3600), 'hour'], [Math.floor((whole % 3600) / 60), 'minute']]
    : whole >= 600 ? [[Math.round(whole / 60), 'minute']]
    : whole >= 60 ? [[Math.floor(whole / 60), 'minute'], [whole % 60, 'second']]
    : [[whole, 'second']];
  const texts = parts.filter(([value], index) => index === 0 || value > 0).map(([value, unit]) => number(value, { style: 'unit', unit, unitDisplay: 'short' }));
  return texts.join(' ');
}

/** As {@link formatDuration}, a short one with its tenth: 0.4 sec. Of what does not tick. */
export const formatSeconds = (seconds: number): string =>
  seconds < 10 ? number(seconds, { style: 'unit', unit: 'second', unitDisplay: 'short', maximumFractionDigits: 1 }) : formatDuration(seconds);

/** 8.31 ms */
export const formatMilliseconds = (milliseconds: number): string =>
  number(milliseconds, { style: 'unit', unit: 'millisecond', unitDisplay: 'short', maximumFractionDigits: milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0 });

/** The day of an ISO 8601 instant. */
export const formatDay = (iso: string): string => new Intl.DateTimeFormat(currentLocale(), { dateStyle: 'medium' }).format(new Date(iso));

/** Chooses a sentence by the language's plural of `count`; Korean has only 'other'. */
export function plural<T>(count: number, forms: { readonly one: () => T; readonly other: () => T }): T {
  return new Intl.PluralRules(currentLocale()).select(count) === 'one' ? forms.one() : forms.other();
}

/** a, b and c */
export const formatList = (items: readonly string[]): string => new Intl.ListFormat(currentLocale(), { type: 'conjunction' }).format(items);

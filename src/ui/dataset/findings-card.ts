import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import { formatDuration, formatInteger, plural } from '../locales/format.js';
import type { Show } from './filter.js';
import { CERTAIN, leaked, type DuplicateSearch, type Suspicion, type TwinGroup } from './findings.js';

export interface FindingsContext {
  readonly duplicates: DuplicateSearch | null;
  readonly twins: readonly TwinGroup[];
  readonly parts: Uint8Array | null;
  readonly suspicion: Suspicion | null;
  readonly onSearch: () => void;
  readonly onCancel: () => void;
  readonly onShow: (show: Show) => void;
}

/** What deserves a second look before the numbers are believed: photos that occur twice, labels that a network doubts. */
export function findingsCard(context: FindingsContext): TemplateResult {
  return html`
    <section class="card findings" aria-labelledby="findings">
      <h2 id="findings">${msg('Worth a second look', { id: 'dataset.findings' })}</h2>
      <div class="finding">${twice(context)}</div>
      <div class="finding">${doubted(context)}</div>
    </section>
  `;
}

function twice({ duplicates, twins, parts, onSearch, onCancel, onShow }: FindingsContext) {
  const title = html`<h3>${msg('Photos that occur twice', { id: 'dataset.twice' })}</h3>`;
  if (duplicates === null) {
    return html`
      <div>${title}<p class="muted">${msg('A photo in both training and validation makes a network look better than it is. Finding them reads every photo once.', { id: 'dataset.twice-why' })}</p></div>
      <button @click=${onSearch}>${msg('Look for them', { id: 'dataset.twice-search' })}</button>
    `;
  }
  if (duplicates.groups === null) {
    const { progress } = duplicates;
    return html`
      <div aria-busy="true">
        ${title}
        <progress aria-label=${msg('Photos compared', { id: 'dataset.twice-progress' })} max="1" value=${progress ? progress.done / progress.total : nothing}></progress>
        <p class="muted">${progress ? msg(str`${formatInteger(progress.done)} of ${formatInteger(progress.total)}, ${formatDuration(progress.secondsLeft)} left`, { id: 'dataset.twice-left' }) : msg('Reading the first photos…', { id: 'dataset.twice-start' })}</p>
      </div>
      <button @click=${onCancel}>${msg('Cancel', { id: 'dataset.cancel' })}</button>
    `;
  }
  if (twins.length === 0) return html`<div>${title}<p class="muted">${msg('None: no file is there twice, and no two photos are nearly the same.', { id: 'dataset.twice-none' })}</p></div>`;
  const across = leaked(twins, parts);
  const conflicting = twins.filter(({ twoClasses }) => twoClasses).length;
  return html`
    <div>
      ${title}
      ${across > 0 ? html`<p class="caution"><strong>${acrossText(across)}</strong> ${msg('Accuracy is the better for it: what is counted as learned may be remembered.', { id: 'dataset.twice-means' })}</p>` : nothing}
      ${conflicting > 0 ? html`<p class="caution">${conflictText(conflicting)}</p>` : nothing}
      <p class="muted">${groupsText(twins.length)}${across === 0 && parts ? ` ${msg('None of them lies across the split.', { id: 'dataset.twice-apart' })}` : ''}</p>
    </div>
    <button @click=${() => onShow('twins')}>${msg('Show them', { id: 'dataset.show-them' })}</button>
  `;
}

function acrossText(count: number): string {
  return plural(count, {
    one: () => msg('1 photo that judges has its like in training.', { id: 'dataset.across-one' }),
    other: () => msg(str`${formatInteger(count)} photos that judge have their like in training.`, { id: 'dataset.across' }),
  });
}

function conflictText(count: number): string {
  return plural(count, {
    one: () => msg('1 group is labelled as two classes: one label of the two is wrong.', { id: 'dataset.conflict-one' }),
    other: () => msg(str`${formatInteger(count)} groups are labelled as two classes: one label of the two is wrong.`, { id: 'dataset.conflict' }),
  });
}

function groupsText(count: number): string {
  return plural(count, {
    one: () => msg('1 group of the same or nearly the same photo.', { id: 'dataset.groups-one' }),
    other: () => msg(str`${formatInteger(count)} groups of the same or nearly the same photo.`, { id: 'dataset.groups' }),
  });
}

function doubted({ suspicion, onShow }: FindingsContext) {
  const title = html`<h3>${msg('Labels that a network doubts', { id: 'dataset.doubted' })}</h3>`;
  if (!suspicion) return html`<div>${title}<p class="muted">${msg('Once a network is trained, the validation photos that it takes for another class stand here: some of them are mislabelled.', { id: 'dataset.doubted-later' })}</p></div>`;
  const { run, mistakes } = suspicion;
  const certain = mistakes.filter(({ probability }) => probability >= CERTAIN).length;
  if (mistakes.length === 0) return html`<div>${title}<p class="muted">${msg(str`None: ${run} takes every validation photo for what it is labelled.`, { id: 'dataset.doubted-none' })}</p></div>`;
  return html`
    <div>
      ${title}
      <p class=${certain > 0 ? 'caution' : 'muted'}>${certain > 0 ? certainText(certain, run) : nothing}</p>
      <p class="muted">${msg(str`${run} takes ${formatInteger(mistakes.length)} validation photos for another class; those that it is surest of come first.`, { id: 'dataset.doubted-all' })}</p>
    </div>
    <button @click=${() => onShow('suspects')}>${msg('Show them', { id: 'dataset.show-them' })}</button>
  `;
}

function certainText(count: number, run: string): string {
  return plural(count, {
    one: () => msg(str`Of 1 photo ${run} is more than 90 % sure that it is another class: perhaps it is mislabelled.`, { id: 'dataset.certain-one' }),
    other: () => msg(str`Of ${formatInteger(count)} photos ${run} is more than 90 % sure that they are another class: perhaps they are mislabelled.`, { id: 'dataset.certain' }),
  });
}

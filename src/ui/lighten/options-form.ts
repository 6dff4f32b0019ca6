import { html } from 'lit';
import { msg } from '@lit/localize';
import type { LightenRequest } from '../../workers/contract.js';

export type Options = Pick<LightenRequest, 'criterion' | 'margin' | 'judge' | 'augment' | 'byHand' | 'baselines'>;

export const usualOptions: Options = { criterion: 'taylor', margin: 0.005, judge: 'both', augment: 'auto', byHand: false, baselines: 0 };

/** Whether a search with these options has asked the same. */
export function isAsked(options: Options, { criterion, margin, judge, augment, byHand, baselines }: Options): boolean {
  return options.criterion === criterion && options.margin === margin && options.judge === judge && options.augment === augment && options.byHand === byHand && options.baselines === baselines;
}

const criteria: readonly Options['criterion'][] = ['taylor', 'magnitude', 'redundancy', 'random', 'dead'];

/** What a person may ask otherwise; closed, because nothing of it must be asked. */
export function optionsForm(options: Options, onChange: (change: Partial<Options>) => void) {
  const chosen = (event: Event) => (event.target as HTMLSelectElement).value;
  const checked = (event: Event) => (event.target as HTMLInputElement).checked;
  return html`
    <details class="options">
      <summary>${msg('Options', { id: 'lighten.options' })}</summary>
      <div class="fields">
        <label>${msg('Validation accuracy may fall by, points', { id: 'lighten.margin' })}
          <input
            type="number" min="0" max="99" step="0.1" .value=${String(Number((options.margin * 100).toPrecision(6)))}
            @change=${(event: Event) => {
              const input = event.target as HTMLInputElement;
              if (input.value !== '' && input.validity.valid) onChange({ margin: Number(input.value) / 100 });
              else input.value = String(Number((options.margin * 100).toPrecision(6)));
            }}
          >
        </label>
        <label>${msg('Filters are judged by', { id: 'lighten.criterion' })}
          <select @change=${(event: Event) => onChange({ criterion: chosen(event) as Options['criterion'] })}>
            ${criteria.map((each) => html`<option value=${each} ?selected=${each === options.criterion}>${criterionText(each)}</option>`)}
          </select>
        </label>
        <label>${msg('Training photos are changed', { id: 'lighten.augment' })}
          <select @change=${(event: Event) => onChange({ augment: chosen(event) as Options['augment'] })}>
            ${(['auto', 'perturbation', 'as-trained'] as const).map((each) => html`<option value=${each} ?selected=${each === options.augment}>${augmentText(each)}</option>`)}
          </select>
        </label>
        <label class="check"><input type="checkbox" .checked=${options.judge === 'both'} @change=${(event: Event) => onChange({ judge: checked(event) ? 'both' : 'validation' })}> ${msg('It must hold on perturbed photos, too', { id: 'lighten.judge' })}</label>
        <label class="check"><input type="checkbox" .checked=${options.byHand} @change=${(event: Event) => onChange({ byHand: checked(event) })}> ${msg('Also try shapes by hand: narrower, a stride more, a layer less', { id: 'lighten.hand' })}</label>
        <label class="check"><input type="checkbox" .checked=${options.baselines > 0} @change=${(event: Event) => onChange({ baselines: checked(event) ? 1 : 0 })}> ${msg('Also prune by chance, to see what the choice of filters is worth', { id: 'lighten.baselines' })}</label>
      </div>
    </details>
  `;
}

function criterionText(criterion: Options['criterion']): string {
  switch (criterion) {
    case 'taylor':
      return msg('what the loss would change by', { id: 'lighten.criterion-taylor' });
    case 'magnitude':
      return msg('their weights', { id: 'lighten.criterion-magnitude' });
    case 'redundancy':
      return msg('how alike they are to others', { id: 'lighten.criterion-redundancy' });
    case 'random':
      return msg('chance', { id: 'lighten.criterion-random' });
    case 'dead':
      return msg('whether they are dark: only these go', { id: 'lighten.criterion-dead' });
  }
}

function augmentText(augment: Options['augment']): string {
  switch (augment) {
    case 'auto':
      return msg('as the perturbed test does, where that costs no accuracy', { id: 'lighten.augment-auto' });
    case 'perturbation':
      return msg('as the perturbed test does', { id: 'lighten.augment-perturbation' });
    case 'as-trained':
      return msg('as they were for the given model', { id: 'lighten.augment-as-trained' });
  }
}

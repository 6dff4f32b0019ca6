import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { formatInteger, formatRounded } from '../locales/format.js';
import { fieldNames, type BasicName, type Draft, type FieldName, type Problem } from './draft.js';
import type { ChoiceName } from './method.js';

export interface SettingsFormContext {
  readonly draft: Draft;
  readonly problems: Partial<Record<FieldName, Problem>>;
  /** True on a software adapter: sizes are advised accordingly. */
  readonly slow: boolean;
  readonly onInput: (name: FieldName | ChoiceName, value: string) => void;
}

/** Each setting with its default's reason beneath, or what is wrong with it. */
export function settingsForm(context: SettingsFormContext) {
  return html`<div class="fields">${fieldNames.map((name) => numberField(name, describe(name, context.slow), context))}</div>`;
}

export interface Description {
  readonly label: string;
  readonly unit?: string;
  readonly reason: string;
}

export function numberField(name: FieldName, { label, unit, reason }: Description, { draft, problems, onInput }: SettingsFormContext) {
  const problem = problems[name];
  return html`
    <div class="field">
      <label for=${name}>${label}</label>
      <span class="entry">
        <input
          id=${name} name=${name} inputmode="decimal" autocomplete="off" .value=${draft[name]}
          placeholder=${name === 'limit' ? msg('all', { id: 'training.limit-all' }) : ''}
          aria-invalid=${problem ? 'true' : 'false'} aria-describedby="${name}-hint"
          @input=${(event: Event) => onInput(name, (event.target as HTMLInputElement).value)}
        />
        ${unit ? html`<span class="muted">${unit}</span>` : nothing}
      </span>
      <p id="${name}-hint" class="small ${problem ? 'wrong' : 'muted'}">${problem ? problemText(problem) : reason}</p>
    </div>
  `;
}

function problemText(problem: Problem): string {
  if (problem.kind === 'shares') return msg(str`Validation and test together: at most ${problem.most} %, so that enough is left to train on.`, { id: 'training.wrong-shares' });
  const { least, most, whole } = problem.range;
  if (whole) return msg(str`A whole number from ${formatInteger(least)} to ${formatInteger(most)}.`, { id: 'training.wrong-whole' });
  return msg(str`A number from ${formatRounded(least)} to ${formatRounded(most)}.`, { id: 'training.wrong-number' });
}

function describe(name: BasicName, slow: boolean): Description {
  switch (name) {
    case 'size':
      return {
        label: msg('Image side', { id: 'training.size' }),
        unit: msg('pixels', { id: 'training.pixels' }),
        reason: slow
          ? msg('On a software adapter choose 32 or 64: the time grows with the square of the side.', { id: 'training.size-slow' })
          : msg('224 is what the study used. Half of it takes about a quarter of the time and loses fine detail.', { id: 'training.size-reason' }),
      };
    case 'batch':
      return {
        label: msg('Batch', { id: 'training.batch' }),
        unit: msg('images', { id: 'training.images' }),
        reason: msg('32 suits most GPUs. More keeps a big GPU busy and needs more memory; fewer makes each step noisier.', { id: 'training.batch-reason' }),
      };
    case 'epochs':
      return {
        label: msg('Epochs, at most', { id: 'training.epochs' }),
        reason: msg('Early stopping usually ends a run sooner.', { id: 'training.epochs-reason' }),
      };
    case 'patience':
      return {
        label: msg('Patience', { id: 'training.patience' }),
        unit: msg('epochs', { id: 'training.epochs-unit' }),
        reason: msg('So many epochs without a lower validation loss, and training stops with the best epoch’s weights.', { id: 'training.patience-reason' }),
      };
    case 'learningRate':
      return {
        label: msg('Learning rate', { id: 'training.rate' }),
        reason: msg('0.001 is Adam’s usual start. Take a tenth of it when the loss jumps about.', { id: 'training.rate-reason' }),
      };
    case 'validationShare':
      return {
        label: msg('Validation share', { id: 'training.validation' }),
        unit: '%',
        reason: msg('Held back from training to choose the best epoch. The more photos it has, the finer two models can be told apart.', { id: 'training.validation-reason' }),
      };
    case 'testShare':
      return {
        label: msg('Test share', { id: 'training.test' }),
        unit: '%',
        reason: msg('Set aside for the last judgement. With 0 the perturbed test uses validation photos, and says so.', { id: 'training.test-reason' }),
      };
    case 'limit':
      return {
        label: msg('Photos, at most', { id: 'training.limit' }),
        reason: msg('Empty for all. A few thousand, taken from the classes in proportion, make a quick first try.', { id: 'training.limit-reason' }),
      };
    case 'seed':
      return {
        label: msg('Seed', { id: 'training.seed' }),
        reason: msg('Decides split, first weights and order. Models are compared on the same seed, and a run can be repeated.', { id: 'training.seed-reason' }),
      };
  }
}

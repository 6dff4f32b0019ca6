import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import { choices, type ChoiceName, type StrengthName } from './method.js';
import { numberField, type Description, type SettingsFormContext } from './settings-form.js';

/** How it learns, how training photos are changed, and how those of the last test are. Each group opens on its own. */
export function methodForm(context: SettingsFormContext, begin: unknown) {
  const choice = (name: ChoiceName) => choiceField(name, context);
  const number = (name: StrengthName) => numberField(name, describeStrength(name), context);
  const group = (title: string, lead: string, fields: unknown, more: unknown = nothing) => html`
    <details>
      <summary>${title}</summary>
      <p class="small muted">${lead} ${more}</p>
      <div class="fields">${fields}</div>
    </details>
  `;
  return html`
    ${group(
      msg('Method', { id: 'training.method' }),
      msg('How the network learns. The study used Adam at a constant rate, and nothing else here.', { id: 'training.method-lead' }),
      [choice('optimizer'), choice('schedule'), choice('classWeights'), number('labelSmoothing')],
    )}
    ${group(
      msg('Augmentation', { id: 'training.augmentation' }),
      msg('Each epoch shows every training photo changed anew at random, so that the network learns the class and not the photo. Choose what your photos can show: a flipped letter is another letter.', { id: 'training.augmentation-lead' }),
      [choice('flips'), number('rotation'), number('shift'), number('zoom'), number('brightness')],
      html`<slot name="augmentation"></slot>`,
    )}
    ${group(
      msg('Perturbed test', { id: 'training.perturbation' }),
      msg('How far photos are changed for the last test. Models are compared only where these are alike; the study’s are 50 %, 36° and 10 %.', { id: 'training.perturbation-lead' }),
      [number('testFlip'), number('testRotation'), number('testShift'), number('testZoom'), number('testContrast')],
    )}
    ${group(
      msg('First weights', { id: 'training.begin' }),
      msg('A network can begin with what another has learned: the weights before its head come from a model, the head is new.', { id: 'training.begin-lead' }),
      [begin, choice('freeze')],
    )}
  `;
}

function choiceField(name: ChoiceName, { draft, onInput }: SettingsFormContext) {
  const { label, options, reason } = describeChoice(name);
  const values = [...choices[name], ...(draft[name] === 'given' ? (['given'] as const) : [])];
  return html`
    <div class="field">
      <label for=${name}>${label}</label>
      <span class="entry">
        <select id=${name} name=${name} aria-describedby="${name}-hint" @change=${(event: Event) => onInput(name, (event.target as HTMLSelectElement).value)}>
          ${values.map((value) => html`<option value=${value} ?selected=${value === draft[name]}>${options[value] ?? msg('as given', { id: 'training.given' })}</option>`)}
        </select>
      </span>
      <p id="${name}-hint" class="small muted">${reason}</p>
    </div>
  `;
}

function describeChoice(name: ChoiceName): { label: string; options: Readonly<Record<string, string>>; reason: string } {
  switch (name) {
    case 'optimizer':
      return {
        label: msg('Optimiser', { id: 'training.optimizer' }),
        options: { adam: 'Adam', adamw: msg('AdamW, weights decay', { id: 'training.adamw' }), sgd: msg('SGD, momentum 0.9', { id: 'training.sgd' }) },
        reason: msg('Adam suits most. SGD wants a larger rate, 0.01 and up, and more epochs.', { id: 'training.optimizer-reason' }),
      };
    case 'schedule':
      return {
        label: msg('Learning rate over time', { id: 'training.schedule' }),
        options: {
          constant: msg('constant', { id: 'training.constant' }),
          plateau: msg('halved when validation stalls', { id: 'training.plateau' }),
          cosine: msg('down to nothing along a cosine', { id: 'training.cosine' }),
          step: msg('halved every five epochs', { id: 'training.step' }),
        },
        reason: msg('A falling rate settles finer. A cosine needs all of its epochs: give early stopping more patience.', { id: 'training.schedule-reason' }),
      };
    case 'classWeights':
      return {
        label: msg('Weight of the classes', { id: 'training.weights' }),
        options: { equal: msg('every photo alike', { id: 'training.weights-equal' }), balanced: msg('every class alike', { id: 'training.weights-balanced' }) },
        reason: msg('Where one class has many more photos than another, balancing keeps the rare one from being ignored.', { id: 'training.weights-reason' }),
      };
    case 'flips':
      return {
        label: msg('Flip', { id: 'training.flips' }),
        options: {
          none: msg('never', { id: 'training.flips-none' }), leftRight: msg('left to right', { id: 'training.flips-x' }),
          topBottom: msg('top to bottom', { id: 'training.flips-y' }), both: msg('both ways', { id: 'training.flips-both' }),
        },
        reason: msg('Half of the photos, drawn for each way alone.', { id: 'training.flips-reason' }),
      };
    case 'freeze':
      return {
        label: msg('Frozen layers', { id: 'training.freeze' }),
        options: { none: msg('none: all learn', { id: 'training.freeze-none' }), base: msg('all before the head', { id: 'training.freeze-base' }) },
        reason: msg('Frozen layers keep their weights. With few photos that is often better, and it is faster.', { id: 'training.freeze-reason' }),
      };
  }
}

function describeStrength(name: StrengthName): Description {
  const turn = { label: msg('Turn, at most', { id: 'training.turn' }), unit: '°' };
  const shift = { label: msg('Shift, at most', { id: 'training.shift' }), unit: '%' };
  const zoom = { label: msg('Zoom, at most', { id: 'training.zoom' }), unit: '%' };
  const eitherWay = msg('Either way.', { id: 'training.either-way' });
  const ofSide = msg('Of the side, in each direction.', { id: 'training.of-side' });
  switch (name) {
    case 'labelSmoothing':
      return {
        label: msg('Label smoothing', { id: 'training.smoothing' }),
        unit: '%',
        reason: msg('Asks for a little less than certainty: 10 % often gives honester probabilities.', { id: 'training.smoothing-reason' }),
      };
    case 'rotation':
    case 'testRotation':
      return { ...turn, reason: eitherWay };
    case 'shift':
    case 'testShift':
      return { ...shift, reason: ofSide };
    case 'zoom':
    case 'testZoom':
      return { ...zoom, reason: eitherWay };
    case 'brightness':
      return { label: msg('Brightness, at most', { id: 'training.brightness' }), unit: '%', reason: msg('Of white, added or taken away.', { id: 'training.brightness-reason' }) };
    case 'testFlip':
      return { label: msg('Flipped photos', { id: 'training.test-flip' }), unit: '%', reason: msg('Drawn for each way alone.', { id: 'training.test-flip-reason' }) };
    case 'testContrast':
      return { label: msg('Contrast, at most', { id: 'training.contrast' }), unit: '%', reason: eitherWay };
  }
}

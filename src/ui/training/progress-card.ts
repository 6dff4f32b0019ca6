import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { RunRecord } from '../../engine/storage/records.js';
import type { RunSettings } from '../../engine/support/settings.js';
import type { TrainerEvent } from '../../workers/contract.js';
import { formatBytes, formatDuration, formatInteger, formatMetric, formatRounded } from '../locales/format.js';
import { bestOf } from '../support/runs.js';

export type Progress = Extract<TrainerEvent, { type: 'progress' }>;
export type Stage = Extract<TrainerEvent, { type: 'stage' }>['stage'];

export interface ProgressContext {
  readonly run: RunRecord | null;
  readonly progress: Progress | null;
  readonly stage: Stage | null;
  /** Of the stage, 0 to 1, where it is known. */
  readonly share: number | undefined;
  readonly title: string;
  /** Predicted peak of GPU memory, where it is known. */
  readonly predictedBytes: number | undefined;
  /** Asked for, and not yet in force. */
  readonly pending: 'pause' | 'resume' | 'stop' | null;
  readonly onPause: () => void;
  readonly onResume: () => void;
  readonly onStop: () => void;
}

/** A run under way: what it does now, how far it is, how long it will take, and the ways to halt it. */
export function progressCard(context: ProgressContext) {
  const { run, stage, title, pending, onPause, onResume, onStop } = context;
  const paused = run?.state.kind === 'paused';
  // The measuring at the end cannot be paused.
  const held = stage === 'measuring';
  return html`
    <section class="card progress" aria-labelledby="running" part="progress">
      <header>
        <div>
          <h2 id="running">${title}</h2>
          ${run ? html`<p class="muted">${runText(run.settings, run.datasetName)}</p>` : nothing}
        </div>
        <div class="buttons">
          ${
            paused
              ? html`<button class="primary" aria-disabled=${pending !== null} @click=${onResume}>${msg('Resume', { id: 'training.resume' })}</button>`
              : html`<button aria-disabled=${pending !== null || held || !run} @click=${onPause}>${pending === 'pause' ? msg('Pausing…', { id: 'training.pausing' }) : msg('Pause', { id: 'training.pause' })}</button>`
          }
          <button aria-disabled=${pending !== null || held || !run} @click=${onStop}>
            ${pending === 'stop' ? msg('Stopping…', { id: 'training.stopping' }) : run?.history.length ? msg('Stop, keep best', { id: 'training.stop' }) : msg('Stop', { id: 'training.stop-bare' })}
          </button>
        </div>
      </header>
      <div class="figures">${bar(context, paused)} ${figures(context, paused)}</div>
    </section>
  `;
}

/** 224 × 224, batch 32 on Rice. */
export function runText({ size, batch }: RunSettings, dataset: string): string {
  return msg(str`${dataset}, ${size} × ${size}, batch ${batch}`, { id: 'training.run-text' });
}

function bar({ run, progress, stage, share: ready }: ProgressContext, paused: boolean) {
  const epochs = run?.settings.epochs ?? 0;
  const counting = progress && run;
  const share = counting ? (progress.epoch - 1 + progress.step / progress.steps) / epochs : ready;
  return html`
    <div class="bar-line">
      <p>
        <b>${counting ? msg(str`Epoch ${formatInteger(progress.epoch)} of ${formatInteger(epochs)}`, { id: 'training.epoch-of' }) : stageText(stage)}</b>
        <span class="muted">
          ${paused ? msg('paused', { id: 'training.paused' }) : counting && (stage === null || stage === 'training') ? msg(str`step ${formatInteger(progress.step)} of ${formatInteger(progress.steps)}`, { id: 'training.step-of' }) : counting ? stageText(stage) : nothing}
        </span>
      </p>
      <progress aria-label=${counting ? msg('Share of all epochs', { id: 'training.share' }) : stageText(stage)} max="1" value=${share ?? nothing}></progress>
    </div>
  `;
}

/** What a stage does, in a few words that stand on the bar. */
export function stageText(stage: Stage | null): string {
  switch (stage) {
    case null:
      return msg('Starting', { id: 'training.stage-starting' });
    case 'preparing':
      return msg('Reading the first photos', { id: 'training.stage-preparing' });
    case 'compiling':
      return msg('Preparing the GPU', { id: 'training.stage-compiling' });
    case 'training':
      return msg('Training', { id: 'training.stage-training' });
    case 'validating':
      return msg('Validating', { id: 'training.stage-validating' });
    case 'measuring':
      return msg('Measuring the best epoch', { id: 'training.stage-measuring' });
  }
}

function figures({ run, progress, predictedBytes }: ProgressContext, paused: boolean) {
  const best = bestOf(run?.history ?? []);
  const figure = (value: string, what: string) => html`<div class="figure"><b>${value}</b><span>${what}</span></div>`;
  return [
    figure(paused ? '–' : formatRounded(progress?.imagesPerSecond ?? NaN), msg('images a second', { id: 'training.rate-figure' })),
    figure(paused ? '–' : formatDuration(progress?.secondsLeft ?? NaN), msg('left, at most', { id: 'training.left' })),
    figure(
      formatMetric(best?.valAccuracy ?? NaN),
      best ? msg(str`best validation, epoch ${best.epoch}`, { id: 'training.best' }) : msg('best validation', { id: 'training.best-none' }),
    ),
    figure(
      formatBytes(progress?.gpuBytes ?? NaN),
      predictedBytes === undefined ? msg('GPU memory', { id: 'training.memory' }) : msg(str`GPU memory, ${formatBytes(predictedBytes)} predicted`, { id: 'training.memory-predicted' }),
    ),
  ];
}

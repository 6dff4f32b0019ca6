import { html, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { AdapterInfo, Backend } from '../../engine/support/settings.js';
import { formatInteger } from '../locales/format.js';
import type { LabState } from './state.js';

export function datasetChip({ datasets, selected, ready }: LabState): TemplateResult {
  const dataset = datasets.find(({ id }) => id === selected);
  if (!dataset) return html`<span class="chip">${ready ? msg('no photos yet', { id: 'chip.no-dataset' }) : '…'}</span>`;
  const { name, images, classes } = dataset;
  return html`<span class="chip" title=${name}>${msg(str`${name} · ${formatInteger(images)} photos · ${formatInteger(classes.length)} classes`, { id: 'chip.dataset' })}</span>`;
}

const backendNames: Record<Backend, string> = { webgpu: 'WebGPU', webgl: 'WebGL', cpu: 'CPU' };

/** What runs the numbers; a software adapter and a fallback are said plainly. */
export function adapterChip({ adapter }: LabState): TemplateResult {
  if (!adapter) return html`<span class="chip">${msg('looking for a GPU…', { id: 'chip.no-adapter' })}</span>`;
  return html`
    <span class="chip ${adapter.fallback || adapter.backend !== 'webgpu' ? 'caution' : ''}" title=${adapterDetails(adapter)}>
      <span class="dot"></span>${adapterName(adapter)}
    </span>
  `;
}

function adapterName(adapter: AdapterInfo): string {
  const backend = backendNames[adapter.backend];
  if (adapter.backend === 'cpu') return msg('CPU, without a GPU: slow', { id: 'chip.cpu' });
  if (adapter.fallback) return msg(str`${backend} · software adapter: slow`, { id: 'chip.software' });
  const details = adapterDetails(adapter);
  return details ? `${backend} · ${details}` : backend;
}

function adapterDetails({ description, vendor, architecture }: AdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(' ');
}

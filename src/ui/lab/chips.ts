import { html, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { AdapterInfo, Backend } from '../../engine/support/settings.js';
import { formatInteger } from '../locales/format.js';
import { lock } from './icons.js';
import { chosenDataset, type LabState } from './state.js';

export function datasetChip(lab: LabState): TemplateResult {
  const dataset = chosenDataset(lab);
  if (!dataset) return html`<span class="chip data"><span>${lab.ready ? msg('no photos yet', { id: 'chip.no-dataset' }) : '…'}</span></span>`;
  const { name, images, classes } = dataset;
  return html`<span class="chip data" title=${name}><span>${msg(str`${name} · ${formatInteger(images)} photos · ${formatInteger(classes.length)} classes`, { id: 'chip.dataset' })}</span></span>`;
}

const backendNames: Record<Backend, string> = { webgpu: 'WebGPU', webgl: 'WebGL', cpu: 'CPU' };

/** What runs the numbers; a software adapter and a fallback are said plainly. */
export function adapterChip({ adapter }: LabState): TemplateResult {
  if (!adapter) return html`<span class="chip">${msg('looking for a GPU…', { id: 'chip.no-adapter' })}</span>`;
  return html`
    <span class="chip ${adapter.fallback || adapter.backend !== 'webgpu' ? 'caution' : ''}" title=${adapterDetails(adapter)}>
      <span class="dot"></span><span class="wide">${adapterName(adapter)}</span><span class="narrow">${shortName(adapter)}</span>
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

/** Where there is no room for more than what matters. */
function shortName({ backend, fallback }: AdapterInfo): string {
  return fallback ? msg(str`${backendNames[backend]}: slow`, { id: 'chip.slow' }) : backendNames[backend];
}

/** The promise that everything rests on; a lock alone where there is no room for words. */
export function privateChip(): TemplateResult {
  const words = msg('nothing leaves this machine', { id: 'lab.private' });
  return html`<span class="chip private" title=${words}>${lock}<span class="words">${words}</span></span>`;
}

function adapterDetails({ description, vendor, architecture }: AdapterInfo): string {
  return description || [vendor, architecture].filter(Boolean).join(' ');
}

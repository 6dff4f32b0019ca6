import { architectures } from '../architectures/index.js';
import type { RunRecord } from '../storage/records.js';

/** What a run is called: its architecture, what was made of it where it was lightened (CNN pruned-3), and its options. */
export function titleOfRun({ settings: { arch, archOptions }, lightened }: Pick<RunRecord, 'settings' | 'lightened'>): string {
  const title = architectures.find(({ id }) => id === arch)?.title ?? arch;
  const options = Object.entries(archOptions).map(([name, value]) => `${name} ${value}`);
  return [lightened ? `${title} ${lightened.name}` : title, ...options].join(', ');
}

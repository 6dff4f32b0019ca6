/** Where the scripts of the lab's workers are. The package has its own of this file: library/scripts.js. */
import classifierUrl from './classifier.ts?worker&url';
import dataUrl from './data.ts?worker&url';
import trainerUrl from './trainer.ts?worker&url';

export type WorkerName = 'data' | 'trainer' | 'classifier';

/** What the page needs of the DOM's Trusted Types, which TypeScript's library does not describe yet. */
export interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

const scripts: Readonly<Record<WorkerName, string>> = { data: dataUrl, trainer: trainerUrl, classifier: classifierUrl };
const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('winnow', {
  createScriptURL(url) {
    if (!Object.values(scripts).includes(url)) throw new TypeError(`${url} is no worker of Winnow`);
    return url;
  },
});

export function openScript(name: WorkerName): Worker {
  const url = scripts[name];
  return new Worker(policy?.createScriptURL(url) ?? url, { type: 'module', name });
}

/**
 * Where the scripts of the package's workers are. The build copies this file as it is: bundlers know a worker by the very words
 * `new Worker(new URL('…', import.meta.url), { type: 'module' })`, and a browser without a bundler runs them.
 */

/** @type {string | null} */
let host = null;

/**
 * Takes the scripts of the workers from another address: a folder with `data.js`, `trainer.js` and `classifier.js` of this very version
 * (the package's `dist/modules/workers`). Holds for workers that start afterwards. Needed only where a bundler does not carry them along.
 * @param {string | URL | null} folder relative to the page; null for where the package itself lies
 */
export function hostWorkers(folder) {
  const address = folder === null ? null : new URL(folder, document.baseURI).href;
  host = address?.replace(/\/?$/, '/') ?? null;
}

/** @param {'data' | 'trainer' | 'classifier'} name */
export function openScript(name) {
  return host === null ? beside(name, Hosted) : new Hosted(new URL(`${name}.js`, host), { type: 'module', name });
}

/**
 * The parameter is called Worker for the bundlers' sake; what it holds can start a worker from another origin too.
 * @param {'data' | 'trainer' | 'classifier'} name
 * @param {typeof Hosted} Worker
 */
function beside(name, Worker) {
  switch (name) {
    case 'data':
      return new Worker(new URL('../workers/data.js', import.meta.url), { type: 'module', name: 'data' });
    case 'trainer':
      return new Worker(new URL('../workers/trainer.js', import.meta.url), { type: 'module', name: 'trainer' });
    case 'classifier':
      return new Worker(new URL('../workers/classifier.js', import.meta.url), { type: 'module', name: 'classifier' });
  }
}

/**
 * A browser starts a worker from the page's own origin only. From elsewhere it gets a script of one line that imports the other,
 * which that server must allow (Access-Control-Allow-Origin).
 * @type {new (url: URL, options: WorkerOptions) => Worker} a function, not a class of Worker: there is none to extend where this is imported outside a browser
 */
const Hosted = /** @type {any} */ (function (/** @type {URL} */ url, /** @type {WorkerOptions} */ options) {
  if (url.origin === location.origin || url.protocol === 'blob:' || url.protocol === 'data:') return new globalThis.Worker(trusted(url.href), options);
  const shim = URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }));
  // Its address is not let go: the browser reads it at some later time that nobody tells.
  return new globalThis.Worker(trusted(shim), options);
});

/** @type {{ createScriptURL(url: string): string } | null | undefined} */
let policy;

/**
 * For pages that require Trusted Types, which then name the policy 'winnow'. Where they do not allow it, the browser itself says so.
 * @param {string} url
 */
function trusted(url) {
  if (policy === undefined) {
    try {
      const { trustedTypes } = /** @type {{ trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } } }} */ (globalThis);
      policy = trustedTypes?.createPolicy('winnow', { createScriptURL: (/** @type {string} */ wanted) => wanted }) ?? null;
    } catch {
      policy = null;
    }
  }
  return policy?.createScriptURL(url) ?? url;
}

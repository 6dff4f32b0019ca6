/**
 * Keeps the lab for when there is no network: every file of one version, fetched when it is installed. A new version is fetched beside
 * the old one and waits until the page asks for it (src/ui/pwa/updates.ts), because a page that trains must keep what it was loaded with.
 */
const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Written by the build: the files, relative to this one, './' for the page itself; and a hash over them. @type {{ version: string, files: string[] }} */
const { version, files } = JSON.parse('{"version":"","files":[]}');

const prefix = 'winnow-lab ';
const name = prefix + version;

worker.addEventListener('install', (event) => {
  event.waitUntil(fill());
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

worker.addEventListener('message', (event) => {
  if (event.data === 'take over') event.waitUntil(worker.skipWaiting());
});

worker.addEventListener('fetch', (event) => {
  const file = fileOf(event.request);
  if (file !== null) event.respondWith(answer(event.request, new URL(file, worker.registration.scope)));
});

/**
 * This version's file first: a search through all caches begins with the oldest, whose page would be shown for ever.
 * @param {Request} request
 * @param {URL} url
 */
async function answer(request, url) {
  return (await caches.match(url, { cacheName: name })) ?? (await caches.match(url)) ?? fetch(request);
}

async function fill() {
  const cache = await caches.open(name);
  // The names of assets change with what is in them: the browser may have them already. The others are asked for anew.
  await cache.addAll(files.map((file) => new Request(new URL(file, worker.registration.scope).href, { cache: isAsset(file) ? 'default' : 'no-cache' })));
}

async function takeOver() {
  // One version before this one stays: another tab may still show it, and fetch the rest of it when it is wanted.
  const versions = (await caches.keys()).filter((key) => key.startsWith(prefix) && key !== name);
  await Promise.all(versions.slice(0, -1).map((old) => caches.delete(old)));
  await worker.clients.claim();
}

/**
 * The kept file that a request is for, null for none of ours.
 * @param {Request} request
 */
function fileOf({ method, url }) {
  const { scope } = worker.registration;
  const address = url.split(/[?#]/, 1)[0];
  if (method !== 'GET' || !address.startsWith(scope)) return null;
  const file = address.slice(scope.length);
  if (file === '' || file === 'index.html') return './';
  return files.includes(file) || isAsset(file) ? file : null;
}

/** @param {string} file */
function isAsset(file) {
  return file.startsWith('assets/');
}

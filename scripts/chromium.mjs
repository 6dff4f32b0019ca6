import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** How each system gets a browser, for the one line that says what to install. */
export const installHint =
  process.platform === 'darwin' ? 'brew install --cask chromium'
  : process.platform === 'win32' ? 'winget install Google.Chrome'
  : 'apt-get install chromium, or your distribution\'s package';

/**
 * The Chromium or Chrome of this machine: CHROME_PATH, then the usual places, then the PATH.
 * @returns {string | null}
 */
export function findChromium() {
  const asked = process.env.CHROME_PATH;
  if (asked) return existsSync(asked) ? asked : null;
  return [...usualPlaces(), ...onPath()].find((path) => existsSync(path)) ?? null;
}

/**
 * As {@link findChromium}, and on a Debian-like system as root installs `chromium` where there is none.
 * @returns {string}
 */
export function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (!process.env.CHROME_PATH && process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    process.stderr.write('Installing chromium with apt-get …\n');
    const apt = (/** @type {string[]} */ ...args) =>
      spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    const install = () => apt('install', '-y', '--no-install-recommends', 'chromium');
    if (install().status !== 0) {
      apt('update');
      install();
    }
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(`No Chromium or Chrome was found${process.env.CHROME_PATH ? ` at CHROME_PATH=${process.env.CHROME_PATH}` : ''}: install one (${installHint}), or set CHROME_PATH.`);
}

const baseFlags = [
  '--enable-unsafe-webgpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];
const softwareFlags = ['--use-webgpu-adapter=swiftshader'];
// Chromium on Linux offers WebGPU on a real GPU only when Vulkan is asked for.
const hardwareFlags = process.platform === 'linux' ? ['--enable-features=Vulkan', '--use-angle=vulkan'] : [];

/**
 * Flags with which a browser offers WebGPU: on the machine's GPU where it has one that works, else on SwiftShader.
 * @param {string} executable
 */
export function chromiumFlags(executable) {
  return [...baseFlags, ...(hasGpu(executable) ? hardwareFlags : softwareFlags)];
}

/** @type {Map<string, boolean>} */
const probed = new Map();

/** @param {string} executable */
function hasGpu(executable) {
  if (process.platform === 'linux' && !existsSync('/dev/dri') && !existsSync('/dev/nvidiactl')) return false;
  const known = probed.get(executable);
  if (known !== undefined) return known;
  const answer = probe(executable);
  probed.set(executable, answer);
  return answer;
}

/**
 * Asks a headless browser for an adapter; a page that got one writes it in its title.
 * @param {string} executable
 */
function probe(executable) {
  const profile = mkdtempSync(join(tmpdir(), 'winnow-probe-'));
  // A file: page, because navigator.gpu exists in trustworthy contexts only.
  const page = new URL('./probe.html', import.meta.url).href;
  try {
    const html = execFileSync(
      executable,
      ['--headless', ...baseFlags, ...hardwareFlags, `--user-data-dir=${profile}`, '--virtual-time-budget=10000', '--dump-dom', page],
      { timeout: 30_000, stdio: ['ignore', 'pipe', 'ignore'], encoding: 'utf8' },
    );
    return html.includes('<title>hardware</title>');
  } catch {
    return false;
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** @returns {string[]} */
function usualPlaces() {
  if (process.platform === 'darwin') {
    return ['/Applications', join(homedir(), 'Applications')].flatMap((folder) =>
      ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((app) => join(folder, `${app}.app/Contents/MacOS/${app}`)));
  }
  if (process.platform === 'win32') {
    return [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA].flatMap((folder) =>
      folder ? ['Google\\Chrome\\Application\\chrome.exe', 'Chromium\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((exe) => join(folder, exe)) : []);
  }
  return ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome-stable', '/usr/bin/google-chrome', '/opt/google/chrome/chrome', '/snap/bin/chromium', '/usr/bin/microsoft-edge'];
}

function onPath() {
  const names = process.platform === 'win32' ? ['chrome.exe', 'msedge.exe'] : ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  return (process.env.PATH ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
}

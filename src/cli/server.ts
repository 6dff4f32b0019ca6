import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.zip': 'application/zip',
};

/**
 * Nothing inline, nothing evaluated, nothing from elsewhere. Trusted Types: 'lit-html' is Lit's policy for templates,
 * 'winnow' admits the URLs of our workers, 'winnow-offline' that of the service worker. Images are painted from blobs (thumbnails).
 */
export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types lit-html winnow winnow-offline',
].join('; ');

const headers = {
  'Content-Security-Policy': contentSecurityPolicy,
  // Cross-origin isolation: exact timers and memory measurement.
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};

export interface ServeOptions {
  /** What is served. */
  readonly folder: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Asked first; true when it has answered. */
  readonly handle?: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

export interface Server {
  /** Ends with a slash. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves a folder on 127.0.0.1 only. @throws what listen() meets: EADDRINUSE. */
export async function serve({ folder, port, handle }: ServeOptions): Promise<Server> {
  const root = await realpath(folder);
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // A name that resolves to this machine is not this machine: without this check a foreign page could read what is served (DNS rebinding).
    if (!isLocalHost(request.headers.host)) return refuse(response, 421);
    if (await handle?.(request, response)) return;
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(response, 405);
    const file = await locate(root, request.url ?? '/');
    if (!file) return refuse(response, 404);
    await send(request, response, file.path, file.size);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function isLocalHost(host: string | undefined): boolean {
  // No name server answers for names below localhost.
  return /^(127\.0\.0\.1|([a-z]+\.)?localhost)(:\d+)?$/.test(host ?? '');
}

/** The file below `root` that a URL names, links followed; null for none, or for one outside. */
async function locate(root: string, url: string): Promise<{ path: string; size: number } | null> {
  try {
    // By hand, not by URL: URL would tidy `..` away, and what is odd is refused, not repaired.
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]);
    if (path.includes('\0') || path.includes('\\') || path.split('/').includes('..')) return null;
    const wanted = await realpath(join(root, path.endsWith('/') ? `${path}index.html` : path));
    if (!wanted.startsWith(root + sep)) return null;
    const found = await stat(wanted);
    return found.isFile() ? { path: wanted, size: found.size } : null;
  } catch {
    return null;
  }
}

async function send(request: IncomingMessage, response: ServerResponse, path: string, size: number): Promise<void> {
  response.setHeader('Content-Type', types[extname(path)] ?? 'application/octet-stream');
  response.setHeader('Accept-Ranges', 'bytes');
  // Names of built assets carry their hash.
  response.setHeader('Cache-Control', path.includes(`${sep}assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache');
  const range = parseRange(request.headers.range, size);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    return refuse(response, 416);
  }
  const { start, end } = range ?? { start: 0, end: size - 1 };
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  response.setHeader('Content-Length', end - start + 1);
  response.writeHead(range ? 206 : 200);
  if (request.method === 'HEAD' || size === 0) return void response.end();
  await pipeline(createReadStream(path, { start, end }), response);
}

/** One range of bytes, both ends included; null to send all (RFC 9110 allows to ignore what one does not serve). */
function parseRange(header: string | undefined, size: number): { start: number; end: number } | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size || start > end) return 'unsatisfiable';
  return { start, end };
}

function refuse(response: ServerResponse, status: number): void {
  response.removeHeader('Cache-Control');
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(`${status}\n`);
}

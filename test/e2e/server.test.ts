import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { serve, type Server } from '../../src/cli/server.js';
import { temporaryFolder } from './browser.js';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

describe('the local server', () => {
  let server: Server;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;

  before(async () => {
    folder = await temporaryFolder();
    const site = join(folder.path, 'site');
    await mkdir(join(site, 'assets'), { recursive: true });
    await writeFile(join(folder.path, 'secret.txt'), 'secret');
    await writeFile(join(site, 'index.html'), '<p>page</p>');
    await writeFile(join(site, 'assets/a b.js'), '0123456789');
    await symlink(join(folder.path, 'secret.txt'), join(site, 'link.txt'));
    server = await serve({ folder: site, port: 0 });
  });
  after(async () => {
    await server.close();
    await folder.remove();
  });

  /** By node:http, because fetch tidies paths and forbids to set Host. */
  function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      request({ hostname, port, path, method, headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      })
        .on('error', reject)
        .end();
    });
  }

  it('is bound to 127.0.0.1', () => assert.match(server.url, /^http:\/\/127\.0\.0\.1:\d+\/$/));

  it('serves files with their type, isolated, under a policy without inline or eval', async () => {
    const page = await get('/');
    assert.equal(page.status, 200);
    assert.equal(page.body, '<p>page</p>');
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(page.headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(page.headers['cross-origin-embedder-policy'], 'require-corp');
    const policy = String(page.headers['content-security-policy']);
    assert.doesNotMatch(policy, /unsafe|\*|https?:/);
    assert.match(policy, /require-trusted-types-for 'script'/);
    const script = await get('/assets/a%20b.js?v=1');
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(script.body, '0123456789');
  });

  it('serves ranges', async () => {
    for (const [range, body, place] of [['bytes=2-4', '234', '2-4/10'], ['bytes=7-', '789', '7-9/10'], ['bytes=-2', '89', '8-9/10'], ['bytes=8-99', '89', '8-9/10']]) {
      const part = await get('/assets/a%20b.js', { Range: range });
      assert.equal(part.status, 206, range);
      assert.equal(part.body, body, range);
      assert.equal(part.headers['content-range'], `bytes ${place}`, range);
    }
    assert.equal((await get('/assets/a%20b.js', { Range: 'bytes=10-' })).status, 416);
    assert.equal((await get('/assets/a%20b.js', { Range: 'lines=1-2' })).status, 200);
  });

  it('answers HEAD without a body', async () => {
    const head = await get('/assets/a%20b.js', {}, 'HEAD');
    assert.equal(head.headers['content-length'], '10');
    assert.equal(head.body, '');
  });

  it('refuses what lies outside its folder', async () => {
    for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/assets/..%2f..%2fsecret.txt', '/..%5csecret.txt', '/link.txt', '/index.html%00.txt', '/%zz', '/none.html', '/assets/']) {
      const answer = await get(path);
      assert.equal(answer.status, 404, path);
      assert.doesNotMatch(answer.body, /secret/, path);
    }
  });

  it('refuses other names of this machine, and other methods', async () => {
    assert.equal((await get('/', { Host: 'rebound.example' })).status, 421);
    assert.equal((await get('/', { Host: 'localhost:1' })).status, 200);
    assert.equal((await get('/', {}, 'POST')).status, 405);
    assert.equal((await get('/', {}, 'PUT')).status, 405);
  });
});

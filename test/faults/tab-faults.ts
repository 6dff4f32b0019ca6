import assert from 'node:assert/strict';
import type { Fault } from './table.js';
import { pause, type Tab } from './tab.js';
import { kinds, type Ground } from './training.js';

const role = (wanted: 'training' | 'watching') => (event: { type: string; role?: string }): boolean => event.type === 'role' && event.role === wanted;

export function tabFaults(ground: () => Promise<Ground>): Fault[] {
  return [
    {
      name: 'five tabs start the same run',
      times: { full: 20, quick: 3, short: 0 },
      unit: 's until another took over',
      async once(random, size) {
        const place = await ground();
        const of = kinds(size).long;
        const { id } = await place.interrupted(random, { ...of, steps: Math.floor(of.steps / 3) });
        const tabs: Tab[] = [];
        for (let i = 0; i < 5; i++) tabs.push(await place.tab());
        const from = performance.now();
        const ended = tabs.map((tab) => tab.call('resumeRun', id));
        // That of the tab that is closed.
        for (const each of ended) each.catch(() => {});
        await Promise.all(tabs.map((tab) => tab.hears((event) => event.type === 'role', 20, from)));
        const training = tabs.filter((tab) => tab.heard.some(({ event }) => role('training')(event)));
        assert.equal(training.length, 1, `${training.length} tabs train`);
        const watching = tabs.filter((tab) => tab !== training[0]);
        // What one trains, all see.
        await Promise.all(tabs.map((tab) => tab.hears((event) => event.type === 'progress', 30, from)));
        const closed = performance.now();
        await training[0].close();
        const took = (Math.min(...(await Promise.all(watching.map((tab) => tab.hears(role('training'), 3, closed).catch(() => Infinity))))) - closed) / 1000;
        assert.ok(took <= 3, 'no tab took over within 3 s');
        assert.equal(watching.filter((tab) => tab.heard.some(({ event, at }) => at > closed && role('training')(event))).length, 1);
        for (const [i, tab] of tabs.entries()) {
          if (tab === training[0]) continue;
          await place.endsAlike(await ended[i], of);
        }
        await Promise.all(watching.map((tab) => tab.close()));
        return took;
      },
    },
    {
      name: 'tab hidden, frozen and resumed',
      times: { full: 3, quick: 1, short: 0 },
      unit: 's hidden, of which frozen a fifth',
      async once(_, size) {
        const place = await ground();
        const of = kinds(size).long;
        await place.undisturbed(of);
        const seconds = size === 'full' ? 120 : 15;
        const tab = await place.tab();
        const ended = tab.call('train', place.dataset, of.settings);
        await tab.reaches(1);
        const other = await place.browser.browser.newPage();
        await other.bringToFront();
        const from = performance.now();
        await pause(seconds * 400);
        const devtools = await tab.page.createCDPSession();
        await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
        await pause(seconds * 200);
        await devtools.send('Page.setWebLifecycleState', { state: 'active' });
        await pause(seconds * 400);
        const hidden = (performance.now() - from) / 1000;
        await tab.page.bringToFront();
        const run = await ended;
        await place.endsAlike(run, of, true);
        await other.close();
        await tab.close();
        return hidden;
      },
    },
  ];
}

import { useState } from 'react';
import type { RunRecord } from 'winnow';
import 'winnow/elements/session';
import 'winnow/elements/training';
import 'winnow/elements/metrics-chart';
import 'winnow/elements/comparison';
import type {} from 'winnow/react';

/** Training, curves and comparison, connected by the session around them; React hears of the runs that have ended. */
export function App() {
  const [runs, setRuns] = useState<readonly RunRecord[]>([]);
  return (
    <winnow-session src="sample" images={200} onwinnow-run-ended={({ detail }) => setRuns((before) => [...before, detail.run])}>
      <h1>Winnow in React</h1>
      <p id="ended">{runs.length === 0 ? 'Nothing is trained yet.' : runs.map((run) => `${run.settings.arch} ${run.state.kind}`).join(', ')}</p>
      <winnow-training arch="cnn-light" size={32} epochs={2} autostart>
        <p slot="curves">The curves are below.</p>
      </winnow-training>
      <winnow-metrics-chart metric="accuracy" />
      <winnow-comparison />
    </winnow-session>
  );
}

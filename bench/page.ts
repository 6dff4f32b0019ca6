import { runLatencySuite } from './latency/suite.js';
import { runLoaderSuite } from './loader/suite.js';
import { runStepSuite } from './step/suite.js';

/** The suites that need a browser, by name; `run.mjs` calls them. */
const suites = { step: runStepSuite, loader: runLoaderSuite, latency: runLatencySuite };
export type SuiteName = keyof typeof suites;

export interface SuiteOptions {
  readonly quick: boolean;
  /** One line for whoever waits. */
  readonly report: (line: string) => void;
}

declare global {
  interface Window {
    winnowBench(suite: SuiteName, quick: boolean): Promise<unknown>;
    /** Exposed by `run.mjs`. */
    winnowBenchReport(line: string): void;
  }
}

window.winnowBench = (suite, quick) => suites[suite]({ quick, report: (line) => window.winnowBenchReport(line) });

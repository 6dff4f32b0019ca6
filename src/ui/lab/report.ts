import { version } from '../../../package.json';
import { comparisonCsv } from '../../engine/comparison/csv.js';
import { renderReportHtml } from '../../engine/comparison/html/index.js';
import type { Rule } from '../../engine/comparison/recommendation.js';
import { buildReport } from '../../engine/comparison/report.js';
import type { DatasetRecord, RunRecord } from '../../engine/storage/records.js';
import { download, fileName } from '../support/download.js';

export type ReportFormat = 'html' | 'csv' | 'json';

const types = { html: 'text/html', csv: 'text/csv', json: 'application/json' } as const;

/** Hands the report of some runs to the browser's downloads: one self-contained page, the table, or all of its numbers. */
export function saveReport(dataset: DatasetRecord, runs: readonly [RunRecord, ...RunRecord[]], rule: Rule, format: ReportFormat): void {
  const report = buildReport(dataset, runs, version, rule);
  const text = { html: () => renderReportHtml(report), csv: () => comparisonCsv(report), json: () => `${JSON.stringify(report, null, 2)}\n` }[format]();
  download(new Blob([text], { type: `${types[format]};charset=utf-8` }), fileName(`winnow ${dataset.name}.${format}`));
}

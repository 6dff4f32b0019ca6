export { WinnowMetricsChart } from '../../ui/metrics-chart/metrics-chart.js';

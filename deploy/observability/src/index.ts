export { dashboards } from './dashboards/index.ts';
export { withWindow } from './expression.ts';

import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { registerBuildInfo } from './build-info.ts';

export { Counter, Gauge, Histogram, Registry };

/** Creates the registry of a process, including the metrics of Node (event loop, memory, handles). */
export const createMetrics = (process: string): Registry => {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  registerBuildInfo(registry);
  return registry;
};

/** Shares one read among the gauges of a scrape, which are collected at the same time. */
export const oncePerScrape = <T>(read: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<T> | undefined;
  return () => {
    running ??= read().finally(() => {
      running = undefined;
    });
    return running;
  };
};

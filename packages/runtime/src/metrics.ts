import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { registerBuildInfo } from './build-info.ts';

export { Counter, Gauge, Histogram, Registry };

/**
 * Interval at which the delay of the event loop is sampled, in milliseconds. The metrics include it: an idle process has a delay of
 * about this much. Ten times as often, which is the default of prom-client, costs an idle process 4 % of a slow core.
 */
export const loopSampleMs = 100;

/** The metrics of Node, once they have been asked for. */
let ofNode: Registry | undefined;

/** Measures Node once, however many registries show it: its timer and its observer of each garbage collection never end. */
const metricsOfNode = (): Registry => {
  if (ofNode === undefined) {
    ofNode = new Registry();
    collectDefaultMetrics({ register: ofNode, eventLoopMonitoringPrecision: loopSampleMs });
  }
  return ofNode;
};

/** Creates the registry of a process, including the metrics of Node (event loop, memory, handles). */
export const createMetrics = (process: string): Registry => {
  const registry = Registry.merge([metricsOfNode()]);
  registry.setDefaultLabels({ process });
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

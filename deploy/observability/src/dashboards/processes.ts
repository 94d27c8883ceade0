import { type Dashboard, rateBy } from './dashboard.ts';

const byProcess = (expr: string, aggregation: 'sum' | 'max' = 'max') => ({
  expr: `${aggregation} by (process) (${expr})`,
  legend: '{{process}}',
});

export const processes: Dashboard = {
  name: 'processes',
  title: 'Rookery: processes',
  about: 'Event loop, memory and handles of each process.',
  sections: [
    {
      title: 'Event loop',
      panels: [
        {
          title: 'Delay, p99',
          about: 'Above 100 ms something blocks the process.',
          unit: 'seconds',
          queries: [byProcess('nodejs_eventloop_lag_p99_seconds')],
        },
        {
          title: 'Delay, mean',
          about: 'About the resolution of the timer (10 ms) if nothing blocks.',
          unit: 'seconds',
          queries: [byProcess('nodejs_eventloop_lag_mean_seconds')],
        },
        {
          title: 'CPU',
          about: 'Cores in use.',
          unit: 'count',
          queries: [rateBy('process_cpu_seconds_total', 'process')],
        },
        {
          title: 'Garbage collection',
          about: 'Share of the time, by process.',
          unit: 'ratio',
          queries: [rateBy('nodejs_gc_duration_seconds_sum', 'process')],
        },
      ],
    },
    {
      title: 'Memory',
      panels: [
        {
          title: 'Resident memory',
          about: 'Largest of the replicas. A steady rise over days is a leak.',
          unit: 'bytes',
          queries: [byProcess('process_resident_memory_bytes')],
        },
        {
          title: 'Used heap',
          about: 'Objects of JavaScript.',
          unit: 'bytes',
          queries: [byProcess('nodejs_heap_size_used_bytes')],
        },
        {
          title: 'External memory',
          about: 'Buffers outside of the heap.',
          unit: 'bytes',
          queries: [byProcess('nodejs_external_memory_bytes')],
        },
        {
          title: 'File descriptors',
          about: 'Share of the limit of each process.',
          unit: 'ratio',
          queries: [byProcess('process_open_fds / process_max_fds')],
        },
      ],
    },
    {
      title: 'Lifetime',
      panels: [
        {
          title: 'Time since the start',
          about: 'Of the youngest replica. It falls when a process restarts.',
          unit: 'seconds',
          queries: [
            { expr: 'min by (process) (time() - process_start_time_seconds)', legend: '{{process}}' },
          ],
        },
        {
          title: 'Builds',
          about:
            'Replicas by process and commit. Two commits of one process are normal only while an upgrade is under way.',
          unit: 'count',
          queries: [
            {
              expr: 'count by (process, version, revision) (rookery_build_info)',
              legend: '{{process}} {{version}} {{revision}}',
            },
          ],
        },
        {
          title: 'Open circuit breakers',
          about: 'By policy.',
          unit: 'count',
          queries: [
            {
              expr: 'sum by (process, policy) (rookery_policy_breaker_state{state="open"})',
              legend: '{{process}} {{policy}}',
            },
          ],
        },
        {
          title: 'Active resources',
          about: 'Sockets, timers and requests that keep a process alive.',
          unit: 'count',
          queries: [byProcess('nodejs_active_resources_total')],
        },
      ],
    },
  ],
};

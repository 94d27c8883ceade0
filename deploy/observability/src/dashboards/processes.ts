import { by, type Dashboard, rateBy } from './dashboard.ts';

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
          about: 'Includes the interval of the samples (100 ms). Above 200 ms something blocks the process.',
          unit: 'seconds',
          queries: [by('max', 'nodejs_eventloop_lag_p99_seconds', 'process')],
        },
        {
          title: 'Delay, mean',
          about: 'About the interval of the samples (100 ms) if nothing blocks.',
          unit: 'seconds',
          queries: [by('max', 'nodejs_eventloop_lag_mean_seconds', 'process')],
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
          queries: [by('max', 'process_resident_memory_bytes', 'process')],
        },
        {
          title: 'Used heap',
          about: 'Objects of JavaScript.',
          unit: 'bytes',
          queries: [by('max', 'nodejs_heap_size_used_bytes', 'process')],
        },
        {
          title: 'External memory',
          about: 'Buffers outside of the heap.',
          unit: 'bytes',
          queries: [by('max', 'nodejs_external_memory_bytes', 'process')],
        },
        {
          title: 'File descriptors',
          about: 'Share of the limit of each process.',
          unit: 'ratio',
          queries: [by('max', 'process_open_fds / process_max_fds', 'process')],
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
          queries: [by('min', 'time() - process_start_time_seconds', 'process')],
        },
        {
          title: 'Builds',
          about:
            'Replicas by process and commit. Two commits of one process are normal only while an upgrade is under way.',
          unit: 'count',
          queries: [by('count', 'rookery_build_info', 'process', 'version', 'revision')],
        },
        {
          title: 'Open circuit breakers',
          about: 'By policy.',
          unit: 'count',
          queries: [by('sum', 'rookery_policy_breaker_state{state="open"}', 'process', 'policy')],
        },
        {
          title: 'Active resources',
          about: 'Sockets, timers and requests that keep a process alive.',
          unit: 'count',
          queries: [by('max', 'nodejs_active_resources_total', 'process')],
        },
      ],
    },
  ],
};

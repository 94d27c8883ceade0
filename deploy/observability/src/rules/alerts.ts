/** `page`: somebody must act now. `ticket`: within a working day. `none`: it must always fire. */
type Severity = 'page' | 'ticket' | 'none';

export interface Alert {
  /** Begins with Rookery, since alerts of all systems share their names. */
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  /** Time for which it must hold, such as `5m`; at once if absent. */
  readonly for?: string;
  /** One line with the values that help to choose what to do. */
  readonly summary: string;
  /** Page in docs/how-to/runbooks/, without the extension. */
  readonly runbook: string;
}

const day = 86_400;

/** Alerts on causes and on state that no service level shows. */
export const alerts: readonly Alert[] = [
  {
    name: 'RookeryProcessUnreachable',
    severity: 'page',
    expr: 'max by (process) (up{process!=""}) == 0',
    for: '1m',
    summary: 'no replica of {{ $labels.process }} answers Prometheus',
    runbook: 'process-unreachable',
  },
  {
    name: 'RookeryReplicaUnreachable',
    severity: 'ticket',
    expr: 'up{process!=""} == 0',
    for: '10m',
    summary: '{{ $labels.instance }} of {{ $labels.process }} does not answer Prometheus',
    runbook: 'process-unreachable',
  },
  {
    name: 'RookeryWritePathStopped',
    severity: 'page',
    expr: 'min by (step) (rookery_query_flow_stopped) == 1',
    for: '1m',
    summary: 'nobody takes events for {{ $labels.step }}',
    runbook: 'write-path-stopped',
  },
  {
    name: 'RookeryReadModelLate',
    severity: 'page',
    expr: 'min by (step) (rookery_query_flow_late_seconds) > 60',
    for: '2m',
    summary: 'the oldest event that waits for {{ $labels.step }} is {{ $value | humanizeDuration }} old',
    runbook: 'read-model-late',
  },
  {
    name: 'RookeryProjectionStopped',
    severity: 'page',
    expr: 'max by (projection) (rookery_projector_stopped) == 1',
    summary: 'the projection {{ $labels.projection }} has met an event that its build does not know',
    runbook: 'projection-stopped',
  },
  {
    name: 'RookeryNoWriter',
    severity: 'page',
    expr: '(sum(rookery_recorder_writer) or vector(0)) == 0',
    for: '1m',
    summary: 'no recorder writes: accepted events wait in the queue',
    runbook: 'no-writer',
  },
  {
    name: 'RookeryRelayLate',
    severity: 'page',
    expr: 'min(rookery_recorder_relay_lag_events) > 1000',
    for: '5m',
    summary: '{{ $value }} recorded events are not published to RECORDED',
    runbook: 'relay-late',
  },
  {
    name: 'RookeryDeadLetters',
    severity: 'ticket',
    expr: 'max by (by) (rookery_event_store_dead_letters) > 0',
    summary: '{{ $value }} events that {{ $labels.by }} could not process were set aside',
    runbook: 'dead-letters',
  },
  {
    name: 'RookeryAuditFailed',
    severity: 'page',
    expr: 'min(rookery_event_store_audit_passed) == 0',
    summary: 'the last audit found that the event store is not as it was recorded',
    runbook: 'audit-failed',
  },
  {
    name: 'RookeryAuditOverdue',
    severity: 'ticket',
    expr: `time() - max(rookery_event_store_audited_seconds) > ${8 * day}`,
    for: '1d',
    summary: 'the event store was not audited for more than 8 days',
    runbook: 'audit-overdue',
  },
  {
    name: 'RookeryCertificateExpires',
    severity: 'ticket',
    expr: `min(rookery_gateway_certificate_not_after_seconds) - time() < ${14 * day}`,
    for: '10m',
    summary: 'the certificate of the gateway is valid for another {{ $value | humanizeDuration }}',
    runbook: 'certificate-expires',
  },
  {
    name: 'RookeryCertificateExpiresSoon',
    severity: 'page',
    expr: `min(rookery_gateway_certificate_not_after_seconds) - time() < ${2 * day}`,
    summary: 'the certificate of the gateway is valid for another {{ $value | humanizeDuration }}',
    runbook: 'certificate-expires',
  },
  {
    name: 'RookeryQueueUnreachable',
    severity: 'page',
    expr: 'max by (queue) (rookery_queue_up) == 0',
    for: '1m',
    summary: 'no process reaches the {{ $labels.queue }} queue',
    runbook: 'queue-unreachable',
  },
  {
    name: 'RookeryQueueNearlyFull',
    severity: 'page',
    expr: 'max by (queue, stream) (rookery_queue_stream_bytes{stream!="ORDER"} / rookery_queue_stream_limit_bytes) > 0.8',
    for: '5m',
    summary:
      '{{ $labels.stream }} holds {{ $value | humanizePercentage }} of its limit, at which writes are refused',
    runbook: 'queue-nearly-full',
  },
  {
    name: 'RookeryEventStoreUnreachable',
    severity: 'page',
    expr: 'max by (store) (rookery_event_store_up) == 0',
    for: '1m',
    summary: 'the {{ $labels.store }} event store does not answer: accepted events wait in the queue',
    runbook: 'event-store-unreachable',
  },
  {
    name: 'RookerySubgraphUnreachable',
    severity: 'page',
    expr: 'max by (subgraph) (rookery_gateway_subgraph_up) == 0',
    for: '1m',
    summary: 'no gateway reaches the subgraph {{ $labels.subgraph }}',
    runbook: 'subgraph-unreachable',
  },
  {
    name: 'RookeryBreakerOpen',
    severity: 'ticket',
    expr: 'max by (process, policy) (rookery_policy_breaker_state{state="open"}) == 1',
    for: '5m',
    summary: '{{ $labels.process }} does not call {{ $labels.policy }}, because its calls failed',
    runbook: 'breaker-open',
  },
  {
    name: 'RookeryFeedsMissed',
    severity: 'ticket',
    expr: 'sum(increase(rookery_projector_feeds_missed_total[10m])) > 0',
    summary: 'Redis did not accept {{ $value | humanize }} batches: all feeds are filled again',
    runbook: 'feeds-missed',
  },
  {
    name: 'RookeryReadsStandby',
    severity: 'ticket',
    expr: 'max(rookery_query_current_replica{replica="standby"}) == 1',
    for: '5m',
    summary: 'reads go to the standby, because the primary does not answer',
    runbook: 'reads-standby',
  },
  {
    name: 'RookeryRefreshTokenReused',
    severity: 'ticket',
    expr: 'sum(increase(rookery_mutation_refresh_token_reuses_total[15m])) > 0',
    summary: 'a refresh token was used twice: somebody may have a copy',
    runbook: 'refresh-token-reused',
  },
  {
    name: 'RookerySupergraphRefused',
    severity: 'ticket',
    expr: 'sum(increase(rookery_gateway_supergraphs_total{outcome="refused"}[15m])) > 0',
    summary: 'a gateway refused a supergraph, and serves the one before',
    runbook: 'supergraph-refused',
  },
  {
    name: 'RookeryEventLoopBlocked',
    severity: 'ticket',
    expr: 'max by (process, instance) (nodejs_eventloop_lag_p99_seconds) > 0.35',
    for: '10m',
    summary:
      '{{ $labels.process }} ({{ $labels.instance }}) is blocked for {{ $value | humanizeDuration }} at a time',
    runbook: 'event-loop-blocked',
  },
  {
    name: 'RookeryFileDescriptorsScarce',
    severity: 'ticket',
    expr: 'max by (process, instance) (process_open_fds / process_max_fds) > 0.8',
    for: '10m',
    summary:
      '{{ $labels.process }} ({{ $labels.instance }}) has used {{ $value | humanizePercentage }} of its file descriptors',
    runbook: 'file-descriptors-scarce',
  },
  {
    name: 'RookeryMixedBuilds',
    severity: 'ticket',
    expr: 'count(count by (version, revision) (rookery_build_info)) > 1',
    for: '1h',
    summary: '{{ $value }} builds run at the same time',
    runbook: 'mixed-builds',
  },
  {
    name: 'RookeryWatchdog',
    severity: 'none',
    expr: 'vector(1)',
    summary: 'fires always: if it stops, no alert would arrive',
    runbook: 'watchdog',
  },
];
